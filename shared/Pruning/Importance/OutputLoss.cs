using Mlops.Diffusion;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Stages;
using static TorchSharp.torch;

namespace Mlops.Pruning.Importance;

/// <summary>
/// LAPTOP-Diff's output loss (arXiv 2404.11098): E‖ε(without layer i) − ε‖² for each layer alone. The paper adds these
/// single losses up to stand for a set of layers, which makes the choice a knapsack. Our change: one score per stage of
/// the trajectory, with t uniform inside it; the sum over stages is the paper's score.
/// </summary>
/// <param name="guidance">w of the sampler, whose guided output is compared; 1 is none.</param>
public sealed class OutputLoss(Denoiser model, NoiseScheduler scheduler, double guidance = 1)
{
    /// <summary>The method's name in options and files.</summary>
    public const string Method = "output-loss";

    private readonly LeaveOneOut _layers = new(model, guidance, (whole, without) =>
        (without - whole).square().mean().to(float64).item<double>() * whole.shape[0]);

    /// <summary>Adds the squared errors of one batch to <paramref name="sums"/>, [stage][layer], summed over samples of
    /// the mean over elements.</summary>
    public void Accumulate(
        CalibrationBatch batch, StageBounds stages, ulong seed, double[][] sums, CancellationToken cancellationToken) =>
        _layers.Accumulate(batch, scheduler, stages, seed, sums, cancellationToken);
}

/// <summary>Uniform native timesteps inside a stage, drawn from a seed alone.</summary>
internal static class StageTimesteps
{
    public static long[] Draw(StageBounds stages, int stage, long count, ulong seed) =>
    [
        .. Enumerable.Range(0, (int)count).Select(sample =>
            stages.First(stage) + (long)(Seeds.Of((long)seed, $"stage-{stage}", sample) % (ulong)stages.Length(stage))),
    ];
}
