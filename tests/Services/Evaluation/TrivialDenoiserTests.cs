using Mlops.Diffusion.Schedulers;
using Mlops.Evaluation.Measuring;
using static TorchSharp.torch;

namespace Mlops.Tests.Services.Evaluation;

/// <summary>The closed form against many draws of Gaussian images.</summary>
public sealed class TrivialDenoiserTests
{
    private const double Variance = 0.3;
    private const int Draws = 400_000;

    [Theory]
    [InlineData(PredictionKind.Epsilon, 0.9, 0.43588989435)]
    [InlineData(PredictionKind.Velocity, 0.6, 0.8)]
    [InlineData(PredictionKind.Sample, 0.2, 0.97979589711)]
    [InlineData(PredictionKind.Flow, 0.7, 0.3)]
    public void Its_loss_is_that_of_the_best_guess_from_mean_and_variance(
        PredictionKind kind, double alpha, double sigma)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        var clean = randn([Draws], float64, generator: generator) * Math.Sqrt(Variance);
        var noise = randn([Draws], float64, generator: generator);
        var noisy = (clean * alpha) + (noise * sigma);
        var guess = noisy * (alpha * Variance / ((alpha * alpha * Variance) + (sigma * sigma)));
        var guessedNoise = (noisy - (guess * alpha)) / sigma;

        var error = kind switch
        {
            PredictionKind.Epsilon => guessedNoise - noise,
            PredictionKind.Velocity => ((guessedNoise - noise) * alpha) - ((guess - clean) * sigma),
            PredictionKind.Sample => guess - clean,
            _ => guessedNoise - noise - (guess - clean),
        };

        var drawn = error.square().mean().item<double>();
        Assert.Equal(drawn, new TrivialDenoiser(Variance).Loss(kind, new(alpha, sigma)), drawn * 0.02);
    }
}
