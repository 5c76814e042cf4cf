namespace Mlops.Diffusion.Models;

/// <summary>What kind of residual layer a gate stands before.</summary>
public enum LayerKind
{
    ResNet,
    Attention,
    Transformer,
}

/// <summary>One residual layer that a schedule may skip.</summary>
/// <param name="Index">Position in <see cref="Denoiser.Layers"/>: execution order.</param>
/// <param name="Name">The module's path, as in the weight file:
/// <c>down_blocks.1.resnets.0</c>, <c>transformer_blocks.3</c>.</param>
/// <param name="Kind">ResNet block, attention block, or whole transformer block.</param>
public sealed record LayerInfo(int Index, string Name, LayerKind Kind);

/// <summary>What a cache can stand in for.</summary>
/// <param name="Name">The module's path.</param>
/// <param name="IsResidual">Whether it adds to a bypass, its input or a 1×1 convolution of that; else it changes the
/// size, and only its output can be kept.</param>
public readonly record struct CacheableLayer(string Name, bool IsResidual);
