using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>Halves the size of a feature map with a strided 3×3 convolution.</summary>
public sealed class Downsampler : NamedModule
{
    internal Downsampler(string name, long width, long padding)
        : base(nameof(Downsampler)) =>
        (Name, Conv) = (name, Register("conv", nn.Conv2d(width, width, 3, stride: 2, padding: padding, device: META)));

    /// <summary>Path of the module in the network.</summary>
    public string Name { get; }

    public Conv2d Conv { get; }

    /// <summary>Whether one row below and one column to the right are
    /// added, because the convolution pads nothing itself.</summary>
    public bool PadsBelowAndRight => Conv.padding![0] == 0;

    /// <summary>[N, C, H, W] to [N, C, H/2, W/2].</summary>
    internal Tensor Forward(Tensor x, LayerPass pass) => pass.Cached(
        Name, x.alias, _ => Conv.Apply(PadsBelowAndRight ? nn.functional.pad(x, [0, 1, 0, 1]) : x));
}

/// <summary>Doubles the size of a feature map, every pixel four times, and smooths it with a 3×3 convolution.</summary>
public sealed class Upsampler : NamedModule
{
    internal Upsampler(string name, long width)
        : base(nameof(Upsampler)) =>
        (Name, Conv) = (name, Register("conv", nn.Conv2d(width, width, 3, padding: 1, device: META)));

    /// <summary>Path of the module in the network.</summary>
    public string Name { get; }

    public Conv2d Conv { get; }

    /// <summary>[N, C, H, W] to [N, C, 2H, 2W].</summary>
    internal Tensor Forward(Tensor x, LayerPass pass) => pass.Cached(Name, x.alias, _ =>
        Conv.Apply(nn.functional.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Nearest)));
}
