using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>Self-attention over the pixels of a feature map: y = (x + attend(norm(x))) / scale.</summary>
public sealed class ImageAttention : AttentionLayer
{
    internal ImageAttention(string name, AttentionShape shape, double eps)
        : base(shape.Width, shape.Width / shape.HeadWidth, shape.HeadWidth, bias: true)
    {
        (Name, Scale) = (name, shape.Scale);
        if (shape.NormGroups is { } groups)
            Norm = Register("group_norm", nn.GroupNorm(groups, shape.Width, eps, device: META));
    }

    /// <summary>Path of the module in the network.</summary>
    public string Name { get; }

    /// <summary>What the sum is divided by.</summary>
    public double Scale { get; }

    /// <summary>Position among the gateable layers; −2 if it is left out for good.</summary>
    public int Index { get; internal set; } = -1;

    /// <summary>The norm before the projections; the middle block of scale-shift networks has none.</summary>
    public GroupNorm? Norm { get; }

    internal Tensor Forward(Tensor x, LayerPass pass) =>
        pass.Cached(Name, x.alias, _ => pass.Through(Index, x, ToOut.weight, rows => Attended(x.At(rows))));

    private Tensor Attended(Tensor x)
    {
        using var scope = NewDisposeScope();
        var normed = Norm is null ? x : Norm.call(x);
        var tokens = normed.flatten(2).transpose(1, 2);                         // [N, H·W, C]
        var y = Attend(tokens).transpose(1, 2).reshape(x.shape) + x;
        return scope.MoveToOuter(Scale == 1 ? y : y / Scale);
    }
}

/// <summary>Widths of one attention layer.</summary>
/// <param name="Width">Channels of the feature map.</param>
/// <param name="HeadWidth">Channels per head.</param>
/// <param name="NormGroups">Groups of its norm; null if it has none.</param>
/// <param name="Scale">What the sum is divided by.</param>
internal sealed record AttentionShape(long Width, long HeadWidth, long? NormGroups, double Scale = 1);

/// <summary>Where attention stands in a level.</summary>
public static class AttentionOrder
{
    /// <summary>The attention behind a ResNet block, or null; fewer of them than blocks stand behind the last ones.
    /// </summary>
    /// <param name="layers">ResNet blocks of the level.</param>
    public static ImageAttention? After(this IList<ImageAttention> attentions, int layer, int layers) =>
        attentions.ElementAtOrDefault(layer - layers + attentions.Count);
}
