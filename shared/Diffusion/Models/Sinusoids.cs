using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// Sinusoidal time features (Vaswani et al. 2017; Ho et al. 2020, appendix B):
/// f_i = 10000^(−i / (half − shift)), features [sin(t·f), cos(t·f)].
/// </summary>
public static class Sinusoids
{
    /// <summary>Time features [N, width], float32.</summary>
    /// <param name="timesteps">[N], integer or float.</param>
    /// <param name="width">Number of features; an odd one ends in a zero.</param>
    /// <param name="flipSinToCos">Whether the cosines come first.</param>
    /// <param name="shift">What is subtracted from half the width in the exponent.</param>
    public static Tensor Compute(Tensor timesteps, long width, bool flipSinToCos, double shift)
    {
        using var scope = NewDisposeScope();
        var frequencies = Frequencies(width, shift, timesteps.device);
        var angles = timesteps.to_type(ScalarType.Float32).unsqueeze(1) * frequencies.unsqueeze(0);     // [N, half]
        Tensor[] parts = flipSinToCos ? [angles.cos(), angles.sin()] : [angles.sin(), angles.cos()];
        if (width % 2 == 1)
            parts = [.. parts, zeros([angles.shape[0], 1], device: timesteps.device)];
        return scope.MoveToOuter(cat(parts, 1));
    }

    /// <summary>f, float32 [half], in the caller's dispose scope.</summary>
    public static Tensor Frequencies(long width, double shift, Device device)
    {
        using var scope = NewDisposeScope();
        var half = width / 2;
        // Single precision throughout, as in diffusers: at t = 700 the last bit of f is seen in the network's output.
        return scope.MoveToOuter((arange(half, dtype: ScalarType.Float32, device: device)
            * -Math.Log(10000) / (half - shift)).exp());
    }
}
