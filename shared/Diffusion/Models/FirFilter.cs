using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// Half and twice the size of a feature map through the smoothing filter [1, 3, 3, 1] ⊗ [1, 3, 3, 1] / 64, channel by
/// channel, zeros around (StyleGAN2, Karras et al. 2020, appendix B; used by Song et al. 2021).
/// </summary>
public static class FirFilter
{
    private static readonly float[] Taps = [1, 3, 3, 1];

    /// <summary>The filter for a number of channels [C, 1, 4, 4], in the caller's dispose scope.</summary>
    /// <param name="gain">What its taps add up to.</param>
    public static Tensor Kernel(long channels, double gain, ScalarType dtype, Device device)
    {
        using var scope = NewDisposeScope();
        var taps = tensor(Taps, device: CPU) / Taps.Sum();
        return scope.MoveToOuter((taps.outer(taps) * gain).to(dtype, device).expand(channels, 1, -1, -1));
    }

    /// <summary>[N, C, H, W] to [N, C, H/2, W/2].</summary>
    public static Tensor Halve(Tensor x)
    {
        using var kernel = Kernel(x.shape[1], 1, x.dtype, x.device);
        return nn.functional.conv2d(x, kernel, strides: [2, 2], padding: [1, 1], groups: x.shape[1]);
    }

    /// <summary>[N, C, H, W] to [N, C, 2H, 2W]: zeros between the pixels, whose loss the gain makes good.</summary>
    public static Tensor Double(Tensor x)
    {
        using var kernel = Kernel(x.shape[1], 4, x.dtype, x.device);
        return nn.functional.conv_transpose2d(x, kernel, strides: [2, 2], padding: [1, 1], groups: x.shape[1]);
    }
}
