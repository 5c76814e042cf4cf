using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>A 2-d convolution with bias.</summary>
public sealed class ConvLayer : WeightedLayer
{
    private readonly long[] _stride;
    private readonly long[] _padding;

    internal ConvLayer(
        WeightSource source, string name, long inChannels, long outChannels, long kernel, long stride = 1,
        long padding = 0, Start? start = null)
        : base("Conv2d", source, name, [outChannels, inChannels, kernel, kernel],
            start ?? Start.FanIn(inChannels * kernel * kernel), [outChannels],
            start is null ? Start.FanIn(inChannels * kernel * kernel) : Start.Zeros)
    {
        (Stride, Padding) = (stride, padding);
        (_stride, _padding) = ([stride, stride], [padding, padding]);
    }

    /// <summary>Step between output positions.</summary>
    public long Stride { get; }

    /// <summary>Zeros added on every side.</summary>
    public long Padding { get; }

    /// <summary>[N, C_in, H, W] to [N, C_out, H', W'].</summary>
    public Tensor Forward(Tensor x) => nn.functional.conv2d(x, Weight, Bias, _stride, _padding);
}
