using Mlops.Diffusion;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Diffusion.Training;
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

    /// <summary>Adds the squared errors of one batch to <paramref name="sums"/>, [stage][layer], summed over samples of
    /// the mean over elements.</summary>
    public void Accumulate(
        CalibrationBatch batch, StageBounds stages, ulong seed, double[][] sums, CancellationToken cancellationToken)
    {
        using var noGrad = no_grad();
        model.eval();
        for (var stage = 0; stage < stages.Count; stage++)
        {
            using var scope = NewDisposeScope();
            var asked = batch.At(scheduler, StageTimesteps.Draw(stages, stage, batch.Count, seed));
            var whole = Predict(asked, batch.Labels, null);
            for (var layer = 0; layer < model.Layers.Count; layer++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                sums[stage][layer] += ErrorWithout(layer, asked, batch.Labels, whole) * batch.Count;
            }
        }
    }

    private double ErrorWithout(int layer, TrainingBatch asked, Tensor? labels, Tensor whole)
    {
        using var scope = NewDisposeScope();
        var output = Predict(asked, labels, LayerControl.Without(layer, model.Layers));
        return (output - whole).square().mean().to(float64).item<double>();
    }

    private Tensor Predict(TrainingBatch asked, Tensor? labels, LayerControl? control) =>
        Guidance.Of((x, t, classes) => model.Predict(x, t, classes, control), guidance, model.NullLabel)(
            asked.Noisy, asked.Times, labels);
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
