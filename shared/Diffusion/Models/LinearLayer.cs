using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>y = x·Wᵀ + b over the last dimension.</summary>
public sealed class LinearLayer : WeightedLayer
{
    internal LinearLayer(
        WeightSource source, string name, long inWidth, long outWidth, bool bias = true, Start? start = null)
        : base("Linear", source, name, [outWidth, inWidth], start ?? Start.FanIn(inWidth), bias ? [outWidth] : null,
            start is null ? Start.FanIn(inWidth) : Start.Zeros)
    {
    }

    /// <summary>[…, in] to […, out].</summary>
    public Tensor Forward(Tensor x) => nn.functional.linear(x, Weight, Bias);
}
