using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// Multi-head self-attention: softmax(q·kᵀ/√d)·v per head, then a linear layer. After slicing, q, k and v may be
/// narrower than the stream and heads may differ; the scale stays that of the original head width.
/// </summary>
public class AttentionLayer : NamedModule
{
    private readonly ModuleList<Linear> _out;

    internal AttentionLayer(long width, long heads, long headWidth, bool bias)
        : base("Attention")
    {
        (Heads, HeadWidth) = (heads, headWidth);
        var inner = heads * headWidth;
        ToQ = Register("to_q", nn.Linear(width, inner, bias, META));
        ToK = Register("to_k", nn.Linear(width, inner, bias, META));
        ToV = Register("to_v", nn.Linear(width, inner, bias, META));
        _out = Register("to_out", [nn.Linear(inner, width, device: META)]);
    }

    /// <summary>Heads that the configuration names.</summary>
    public long Heads { get; }

    /// <summary>Width of one head in the configuration, which fixes the scale.</summary>
    public long HeadWidth { get; }

    /// <summary>Width of each head after slicing; null means that whole heads or nothing at all were cut.</summary>
    public IReadOnlyList<long>? HeadWidths { get; set; }

    public Linear ToQ { get; }

    public Linear ToK { get; }

    public Linear ToV { get; }

    public Linear ToOut => _out[0];

    /// <summary>Tokens [N, S, C] to [N, S, C].</summary>
    /// <param name="kept">Channels of the heads that take part, whole heads; null: all.</param>
    public Tensor Attend(Tensor tokens, Tensor? kept = null)
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = (
            ToQ.Apply(tokens, kept, null), ToK.Apply(tokens, kept, null), ToV.Apply(tokens, kept, null));
        var widths = kept is null
            ? CurrentHeadWidths()
            : [.. Enumerable.Repeat(HeadWidth, (int)(kept.shape[0] / HeadWidth))];
        var mixed = widths.Distinct().Count() == 1
            ? Equal(q, k, v, widths.Count)
            : cat([.. Slices(q, k, v, widths).Select(head => Equal(head.Q, head.K, head.V, 1))], 2);
        return scope.MoveToOuter(ToOut.Apply(mixed, null, kept));
    }

    /// <summary>Width of each head.</summary>
    public IReadOnlyList<long> CurrentHeadWidths()
    {
        var inner = ToQ.weight.shape[0];
        if (HeadWidths is { } widths)
            return widths.Sum() == inner ? widths : throw new InvalidDataException(
                $"{GetName()}: head widths {string.Join(", ", widths)} do not add up to the {inner} rows of to_q.");
        if (Heads == 1)
            return [inner];
        return inner % HeadWidth == 0 ? [.. Enumerable.Repeat(HeadWidth, (int)(inner / HeadWidth))]
            : throw new InvalidDataException($"{GetName()}: to_q has {inner} rows, which are not whole heads of "
                + $"{HeadWidth}; say how wide each head is.");
    }

    private Tensor Equal(Tensor q, Tensor k, Tensor v, long heads)
    {
        var width = q.shape[2] / heads;
        if (width != HeadWidth)
            q = q * Math.Sqrt((double)width / HeadWidth);   // the library divides by √width, not by √HeadWidth
        var mixed = nn.functional.scaled_dot_product_attention(Split(q, heads), Split(k, heads), Split(v, heads));
        return mixed.transpose(1, 2).flatten(2);            // [N, h, S, d] -> [N, S, h·d]
    }

    // [N, S, h·d] -> [N, h, S, d]
    private static Tensor Split(Tensor x, long heads) =>
        x.reshape(x.shape[0], x.shape[1], heads, -1).transpose(1, 2);

    private static IEnumerable<(Tensor Q, Tensor K, Tensor V)> Slices(
        Tensor q, Tensor k, Tensor v, IReadOnlyList<long> widths)
    {
        var start = 0L;
        foreach (var width in widths)
        {
            yield return (q.narrow(2, start, width), k.narrow(2, start, width), v.narrow(2, start, width));
            start += width;
        }
    }
}
