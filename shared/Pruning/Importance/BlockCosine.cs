using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Stages;
using static TorchSharp.torch;

namespace Mlops.Pruning.Importance;

/// <summary>
/// Diff-ES's layer-drop score (arXiv 2603.05105, public code): per stage and layer the sum over samples of
/// 1 − cos(out, in) of the flattened output and input. A layer that hardly turns its input is dropped first.
/// </summary>
/// <param name="guidance">w of the sampler; other than 1, layers see the batch without its labels too.</param>
public sealed class BlockCosine(Denoiser model, NoiseScheduler scheduler, double guidance = 1)
{
    /// <summary>The method's name in options and files.</summary>
    public const string Method = "block-cosine";

    /// <summary>Adds one batch to <paramref name="sums"/>, [stage][layer].</summary>
    public void Accumulate(
        CalibrationBatch batch, StageBounds stages, ulong seed, double[][] sums, CancellationToken cancellationToken)
    {
        using var noGrad = no_grad();
        model.eval();
        for (var stage = 0; stage < stages.Count; stage++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var asked = batch.At(scheduler, StageTimesteps.Draw(stages, stage, batch.Count, seed));
            var sum = sums[stage];
            var control = new LayerControl { Observe = (layer, x, y) => sum[layer.Index] += CosineDistance(x, y) };
            Guidance.Of((x, t, labels) => model.Predict(x, t, labels, control), guidance, model.NullLabel)(
                asked.Noisy, asked.Times, batch.Labels);
        }
    }

    private static double CosineDistance(Tensor x, Tensor y)
    {
        using var scope = NewDisposeScope();
        var (a, b) = (x.flatten(1).to(float64), y.flatten(1).to(float64));   // [n, …] -> [n, everything]
        var cos = (a * b).sum(1) / (a.square().sum(1) * b.square().sum(1)).sqrt().clamp_min(1e-12);
        return (1 - cos).sum().item<double>();
    }
}
