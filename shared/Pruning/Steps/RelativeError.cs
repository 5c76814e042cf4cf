using Mlops.Diffusion;
using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>Squared distance between samples, relative to the variance of the target's values.</summary>
public static class RelativeError
{
    /// <summary>D·var of samples [N, …]: numbers in one sample times their variance.</summary>
    public static double Scale(Tensor samples)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return samples.numel() / samples.shape[0] * Math.Max(samples.to(float64).var(false).item<double>(), 1e-12);
    }

    /// <summary>One number per sample; infinite where a sample is not finite.</summary>
    public static double[] PerSample(Tensor samples, Tensor target) => PerSample(samples, target, Scale(target));

    /// <summary>The same in units of another set's <see cref="Scale"/>.</summary>
    public static double[] PerSample(Tensor samples, Tensor target, double scale)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var squares = (samples - target).to(float64).square().flatten(1).sum(1) / scale;   // [N, …] -> [N]
        return Array.ConvertAll(squares.Doubles(), each => double.IsFinite(each) ? each : double.PositiveInfinity);
    }

    /// <summary>Mean over samples.</summary>
    public static double Mean(Tensor samples, Tensor target) => PerSample(samples, target).Average();
}
