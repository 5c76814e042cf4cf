using Mlops.Diffusion.Data;
using Mlops.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Mlops.Evaluation.Measuring;

/// <summary>The denoiser that knows only the data's mean image and how far, on average, images are from it: the Wiener
/// estimate of x_0, whose loss has a closed form. A network that is not clearly better has not learned the data.
/// </summary>
/// <param name="variance">τ²: squared distance to the mean image, per value.</param>
public sealed class TrivialDenoiser(double variance)
{
    private const int Images = 512;

    /// <summary>Of the first images of a set.</summary>
    public static TrivialDenoiser Of(ImageSet images)
    {
        using var scope = NewDisposeScope();
        var (all, _) = images.Batch([.. Enumerable.Range(0, Math.Min(Images, images.Count))]);
        return new((all - all.mean([0L], keepdim: true)).square().mean().to(float64).item<double>());
    }

    /// <summary>Mean squared error of its prediction at a noise level.</summary>
    public double Loss(PredictionKind kind, NoiseLevel level)
    {
        var (alpha, sigma) = (level.Alpha * level.Alpha, level.Sigma * level.Sigma);
        // Of x_0 it is τ²σ²/(α²τ² + σ²); the other kinds differ from x_0 by a factor where x is given.
        var common = variance / ((alpha * variance) + sigma);
        return kind switch
        {
            PredictionKind.Epsilon => alpha * common,
            PredictionKind.Sample => sigma * common,
            _ => common,
        };
    }
}
