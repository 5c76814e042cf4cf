using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using Mlops.Diffusion.Training;
using Mlops.Pruning.Stages;
using static TorchSharp.torch;

namespace Mlops.Pruning.Importance;

/// <summary>
/// EntPruner's Conditional Entropy Deviation (arXiv 2511.21122): CED_i = |H(X) − H(X without layer i)|, X being the
/// prediction given x_t, t and class. Of a Gaussian H = ln σ + const, so CED_i = |E ln(σ_without_i / σ)|, σ being the
/// standard deviation over all elements of one sample's prediction. The text of the paper was not to be found: the
/// estimator is from its reviews, the absolute value of the mean instead of the mean of absolute values is ours. Stages
/// have deviations of their own.
/// </summary>
/// <param name="guidance">w of the sampler, whose guided output is compared; 1 is none.</param>
public sealed class EntropyDeviation(Denoiser model, double guidance = 1)
{
    /// <summary>The method's name in options and files.</summary>
    public const string Method = "entropy";

    // A fresh transformer predicts zeros, and zeros without a layer are no change.
    private const double SmallestSigma = 1e-12;

    private readonly LeaveOneOut _layers = new(model, guidance, (whole, without) =>
        (LogSigma(without) - LogSigma(whole)).sum().item<double>());

    /// <summary>CED of a layer.</summary>
    /// <param name="sum">What was accumulated for it.</param>
    /// <param name="samples">Over how many samples.</param>
    public static double Of(double sum, int samples) => Math.Abs(sum / samples);

    /// <summary>Adds the signed ln(σ_without_i / σ) of every sample to <paramref name="sums"/>, [stage][layer].
    /// </summary>
    public void Accumulate(
        CalibrationBatch batch, NoiseScheduler scheduler, StageBounds stages, ulong seed, double[][] sums,
        CancellationToken cancellationToken) =>
        _layers.Accumulate(batch, scheduler, stages, seed, sums, cancellationToken);

    /// <summary>The same at given timesteps, [layer].</summary>
    /// <param name="run">The layers that are left; the others get nothing.</param>
    public void Accumulate(
        TrainingBatch asked, IReadOnlyList<bool> run, double[] sums, CancellationToken cancellationToken) =>
        _layers.Accumulate(asked, run, sums, cancellationToken);

    // [n, c, h, w] -> [n]
    private static Tensor LogSigma(Tensor output) =>
        output.flatten(1).to(float64).std(1, unbiased: false)
            .clamp_min(SmallestSigma).log();
}
