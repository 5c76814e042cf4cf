using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// Multi-head self-attention: softmax(q·kᵀ/√d)·v per head, then a linear layer. After slicing, q, k and v may be
/// narrower than the stream and heads may differ; the scale stays that of the original head width.
/// </summary>
public class AttentionLayer : nn.Module
{
    private readonly double _scale;

    internal AttentionLayer(
        WeightSource source, string name, long width, long heads, long headWidth, bool bias, Start? start = null)
        : base("Attention")
    {
        (Heads, HeadWidth, _scale) = (heads, headWidth, 1 / Math.Sqrt(headWidth));
        var inner = heads * headWidth;
        ToQ = this.Attach("to_q", new LinearLayer(source, name + ".to_q", width, inner, bias, start));
        ToK = this.Attach("to_k", new LinearLayer(source, name + ".to_k", width, inner, bias, start));
        ToV = this.Attach("to_v", new LinearLayer(source, name + ".to_v", width, inner, bias, start));
        ToOut = this.Attach("to_out.0", new LinearLayer(source, name + ".to_out.0", inner, width, true, start));
    }

    /// <summary>Heads that the configuration names.</summary>
    public long Heads { get; }

    /// <summary>Width of one head in the configuration, which fixes the scale.</summary>
    public long HeadWidth { get; }

    /// <summary>Width of each head after slicing; null means that whole heads or nothing at all were cut.</summary>
    public IReadOnlyList<long>? HeadWidths { get; set; }

    public LinearLayer ToQ { get; }

    public LinearLayer ToK { get; }

    public LinearLayer ToV { get; }

    public LinearLayer ToOut { get; }

    /// <summary>Tokens [N, S, C] to [N, S, C].</summary>
    public Tensor Attend(Tensor tokens)
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = (ToQ.Forward(tokens), ToK.Forward(tokens), ToV.Forward(tokens));
        var widths = CurrentHeadWidths();
        var mixed = widths.Distinct().Count() == 1
            ? Equal(q, k, v, widths.Count)
            : cat([.. Slices(q, k, v, widths).Select(head => Equal(head.Q, head.K, head.V, 1))], 2);
        return scope.MoveToOuter(ToOut.Forward(mixed));
    }

    internal IReadOnlyList<long> CurrentHeadWidths()
    {
        var inner = ToQ.WeightShape[0];
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
        var (n, s) = (q.shape[0], q.shape[1]);
        var weights = SplitHeads(q * _scale, heads).bmm(SplitHeads(k, heads).transpose(1, 2)).softmax(-1);
        var mixed = weights.bmm(SplitHeads(v, heads));                          // [N·h, S, d]
        return heads == 1 ? mixed
            : mixed.reshape(n, heads, s, -1).transpose(1, 2).reshape(n, s, -1); // [N, S, h·d]
    }

    // [N, S, h·d] -> [N·h, S, d]
    private static Tensor SplitHeads(Tensor x, long heads)
    {
        if (heads == 1)
            return x;
        var (n, s) = (x.shape[0], x.shape[1]);
        return x.reshape(n, s, heads, -1).transpose(1, 2).reshape(n * heads, s, -1);
    }

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
