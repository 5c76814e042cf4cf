using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>Halving and doubling of feature maps without weights.</summary>
internal static class Resampling
{
    /// <summary>[N, C, H, W] to [N, C, H/2, W/2]: means of 2×2 pixels.</summary>
    public static Tensor Halve(Tensor x) => nn.functional.avg_pool2d(x, 2, 2);

    /// <summary>[N, C, H, W] to [N, C, 2H, 2W]: every pixel four times.</summary>
    public static Tensor Double(Tensor x) =>
        nn.functional.interpolate(x, scale_factor: [2.0, 2.0], mode: InterpolationMode.Nearest);
}

/// <summary>What a ResNet block does to the size of its feature map.</summary>
public enum Resample
{
    None,
    Halve,
    Double,
}
