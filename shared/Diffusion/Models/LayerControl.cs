using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>Gives the output of a layer by calling it or without; belongs to the caller's dispose scope.</summary>
/// <param name="name">Of the layer.</param>
/// <param name="bypass">Computes what the layer's residual is added to.</param>
/// <param name="layer">Calls the layer, which does not compute its bypass anew if it is given.</param>
public delegate Tensor CacheSource(string name, Func<Tensor> bypass, Func<Tensor?, Tensor> layer);

/// <summary>What one forward pass does with the gateable layers, and what it shows of them.</summary>
public sealed class LayerControl
{
    /// <summary>Hard choice for the whole batch, one entry per layer:
    /// false means that the layer is not called.</summary>
    public IReadOnlyList<bool>? Run { get; init; }

    /// <summary>Choice sample by sample, one entry per layer: rows of the batch that run it, whose results take their
    /// places among the others; null: all. Without <see cref="Gates"/>, <see cref="Observe"/> and <see cref="Cache"/>.
    /// </summary>
    public IReadOnlyList<long[]?>? Rows { get; init; }

    /// <summary>Channels that a DiT keeps in this pass: root module of a channel group to int64 indices beside the
    /// weights. The weights stay whole; a layer gathers its part of them while it runs. Others keep all.</summary>
    public IReadOnlyDictionary<string, Tensor>? Keep { get; init; }

    /// <summary>Leaves one layer out.</summary>
    public static LayerControl Without(int layer, IReadOnlyList<LayerInfo> layers) =>
        new() { Run = [.. layers.Select(each => each.Index != layer)] };

    /// <summary>Soft gates m, [N, L] or [1, L]: every layer becomes x + m·(f(x) − x), differentiable in m.</summary>
    public Tensor? Gates { get; init; }

    /// <summary>Sees input and output of every layer that ran, in
    /// order; the tensors live only during the call.</summary>
    public Action<LayerInfo, Tensor, Tensor>? Observe { get; init; }

    /// <summary>Stands in for layers and resamplers; see <see cref="Denoiser.Cacheable"/>.</summary>
    public CacheSource? Cache { get; init; }

    /// <summary>When set, receives the feature maps used for distillation (outputs of down, mid and up blocks, or of
    /// transformer blocks); the tensors belong to the caller's dispose scope.</summary>
    public List<Tensor>? Features { get; init; }
}
