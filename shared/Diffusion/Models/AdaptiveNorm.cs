using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// adaLN-Zero (Peebles and Xie 2023, section 3.2): a layer norm without weights of its own; shift, scale and gate of
/// both halves of a block come from time and label.
/// </summary>
public sealed class AdaptiveNorm : NamedModule
{
    /// <summary>Of the norm; fixed in diffusers' AdaLayerNormZero.</summary>
    public const double Eps = 1e-6;

    internal AdaptiveNorm(long classes, long width)
        : base(nameof(AdaptiveNorm))
    {
        Embedding = Register("emb", new TimeLabelEmbedding(classes, width));
        Modulation = Register("linear", nn.Linear(width, 6 * width, device: META));
    }

    public TimeLabelEmbedding Embedding { get; }

    public Linear Modulation { get; }

    /// <summary>Shift, scale and gate of the attention half, then of the feed-forward half; 6 × [N, 1, C].</summary>
    internal Tensor[] Modulate(Tensor timesteps, Tensor labels) =>
        Modulation.call(nn.functional.silu(Embedding.Forward(timesteps, labels))).unsqueeze(1).chunk(6, 2);

    /// <summary>norm(x)·(1 + scale) + shift over the last dimension.</summary>
    internal static Tensor Normalize(Tensor x, Tensor shift, Tensor scale) =>
        Shifted(nn.functional.layer_norm(x, [x.shape[^1]], eps: Eps), shift, scale);

    /// <summary>x·(1 + scale) + shift.</summary>
    internal static Tensor Shifted(Tensor x, Tensor shift, Tensor scale) => shift.addcmul(x, scale + 1, 1);

    /// <summary>x + gate·y.</summary>
    internal static Tensor Gated(Tensor x, Tensor gate, Tensor y) => x.addcmul(gate, y, 1);
}
