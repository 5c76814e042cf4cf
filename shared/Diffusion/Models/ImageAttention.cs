using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>Self-attention over the pixels of a feature map: y = (x + attend(norm(x))) / scale.</summary>
public sealed class ImageAttention : AttentionLayer
{
    private readonly double _outputScale;

    internal ImageAttention(string name, AttentionShape shape, double eps, double outputScale = 1)
        : base(shape.Width, shape.Width / shape.HeadWidth, shape.HeadWidth, bias: true)
    {
        _outputScale = outputScale;
        Name = name;
        if (shape.NormGroups is { } groups)
            Norm = Register("group_norm", nn.GroupNorm(groups, shape.Width, eps, device: META));
    }

    /// <summary>Path of the module in the network.</summary>
    public string Name { get; }

    /// <summary>Position among the gateable layers; −2 if it is left out for good.</summary>
    public int Index { get; internal set; } = -1;

    /// <summary>The norm before the projections; the middle block of scale-shift networks has none.</summary>
    public GroupNorm? Norm { get; }

    internal Tensor Forward(Tensor x, LayerPass pass) =>
        pass.Through(Index, x, ToOut.weight, () => Attended(x));

    private Tensor Attended(Tensor x)
    {
        using var scope = NewDisposeScope();
        var normed = Norm is null ? x : Norm.call(x);
        var tokens = normed.flatten(2).transpose(1, 2);                         // [N, H·W, C]
        var y = Attend(tokens).transpose(1, 2).reshape(x.shape) + x;
        return scope.MoveToOuter(_outputScale == 1 ? y : y / _outputScale);
    }
}

/// <summary>Widths of one attention layer.</summary>
/// <param name="Width">Channels of the feature map.</param>
/// <param name="HeadWidth">Channels per head.</param>
/// <param name="NormGroups">Groups of its norm; null if it has none.</param>
internal sealed record AttentionShape(long Width, long HeadWidth, long? NormGroups);
