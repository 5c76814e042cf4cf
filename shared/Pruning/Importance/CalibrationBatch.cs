using Mlops.Diffusion.Schedulers;
using Mlops.Diffusion.Training;
using static TorchSharp.torch;

namespace Mlops.Pruning.Importance;

/// <summary>Clean samples with one noise draw each: what a criterion looks at, the same at every timestep.</summary>
/// <param name="Clean">[N, C, H, W] in [−1, 1].</param>
/// <param name="Noise">[N, C, H, W], standard normal.</param>
/// <param name="Labels">[N], int64; null for unconditional models.</param>
public sealed record CalibrationBatch(Tensor Clean, Tensor Noise, Tensor? Labels = null)
{
    /// <summary>N.</summary>
    public long Count => Clean.shape[0];

    /// <summary>The training question at one native timestep per sample, in the caller's dispose scope.</summary>
    /// <param name="scheduler">How samples are noised and what is predicted.</param>
    /// <param name="timesteps">N rows of a routing table; of a flow's row the upper end stands for it.</param>
    public TrainingBatch At(NoiseScheduler scheduler, IReadOnlyList<long> timesteps) =>
        new Objective(scheduler).Make(Clean, Noise, [.. timesteps.Select(row => TimeOf(scheduler, row))], Labels);

    /// <summary>The time of a row: itself, or the upper end of a flow's.</summary>
    internal static double TimeOf(NoiseScheduler scheduler, long row) =>
        scheduler.Schedule is null ? (row + 1.0) / scheduler.TrainTimesteps : row;
}
