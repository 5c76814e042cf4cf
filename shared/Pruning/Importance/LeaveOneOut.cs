using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Diffusion.Training;
using Mlops.Pruning.Stages;
using static TorchSharp.torch;

namespace Mlops.Pruning.Importance;

/// <summary>Compares the network's output with its output without each layer, all at the same x_t, t and class.
/// </summary>
/// <param name="guidance">w of the sampler, whose guided output is compared; 1 is none.</param>
/// <param name="damage">Of output [N, C, H, W] and output without the layer, summed over samples.</param>
internal sealed class LeaveOneOut(Denoiser model, double guidance, Func<Tensor, Tensor, double> damage)
{
    /// <summary>Adds the damages of one batch to <paramref name="sums"/>, [stage][layer], with t uniform in each
    /// stage.</summary>
    public void Accumulate(
        CalibrationBatch batch, NoiseScheduler scheduler, StageBounds stages, ulong seed, double[][] sums,
        CancellationToken cancellationToken)
    {
        for (var stage = 0; stage < stages.Count; stage++)
        {
            using var scope = NewDisposeScope();
            var asked = batch.At(scheduler, StageTimesteps.Draw(stages, stage, batch.Count, seed));
            Accumulate(asked, null, sums[stage], cancellationToken);
        }
    }

    /// <summary>Adds the damages of one batch to <paramref name="sums"/>, [layer].</summary>
    /// <param name="run">Layers of the network that is compared, whose others get no damage; null runs all.</param>
    public void Accumulate(
        TrainingBatch asked, IReadOnlyList<bool>? run, double[] sums, CancellationToken cancellationToken)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        model.eval();
        var whole = Predict(asked, run);
        foreach (var layer in model.Layers.Where(layer => run?[layer.Index] != false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var pass = NewDisposeScope();
            sums[layer.Index] += damage(whole, Predict(
                asked, [.. model.Layers.Select(each => each != layer && run?[each.Index] != false)]));
        }
    }

    private Tensor Predict(TrainingBatch asked, IReadOnlyList<bool>? run)
    {
        using var scope = NewDisposeScope();
        var output = Guidance.Of(
            (x, t, classes) => model.Predict(x, t, classes, run is null ? null : new LayerControl { Run = run }),
            guidance, model.NullLabel)(asked.Noisy, asked.Times, asked.Labels);
        // Deterministic samplers do not use a predicted variance.
        return Guidance.KeepChannels(output, asked.Noisy.shape[1]).MoveToOuterDisposeScope();
    }
}
