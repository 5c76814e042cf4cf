using Mlops.Diffusion.Models;
using Mlops.Diffusion.Training;
using Mlops.Pruning.Alter;
using static TorchSharp.torch;

namespace Mlops.CoFinetuning;

/// <summary>
/// One gradient of the backbone under the current hard table (ALTER, arXiv 2505.21817, section 3.4, step 1). The batch
/// is split by expert, so that a skipped layer is not called at all; the parts' gradients add up to the batch's.
/// </summary>
internal sealed class BackboneStep(Denoiser backbone, Denoiser? teacher, Distillation weights)
{
    /// <summary>Leaves the gradient in the backbone's weights and returns the loss.</summary>
    /// <param name="table">Masks per native timestep; null runs every layer.</param>
    public double Backward(TrainingBatch batch, HardTable? table)
    {
        backbone.train();
        backbone.zero_grad();
        using var all = NewDisposeScope();
        var dense = Teacher(teacher, weights, batch);
        var loss = 0.0;
        foreach (var (mask, rows) in Groups(batch, table))
        {
            using var scope = NewDisposeScope();
            var part = rows.Length == batch.Count ? batch : batch.Select(rows);
            var target = rows.Length == batch.Count ? dense : Select(dense, rows);
            var student = ForwardPass.Of(backbone, part, weights.Feature > 0, mask);
            // Every term is a mean over samples: weighting by size makes the sum the mean over the batch.
            var share = weights.Loss(student, target, part.Target) * ((double)rows.Length / batch.Count);
            share.backward();
            loss += share.item<float>();
        }

        return loss;
    }

    /// <summary>The dense network on the same noised input, without gradient; null when no term needs it.</summary>
    internal static Prediction? Teacher(Denoiser? teacher, Distillation weights, TrainingBatch batch)
    {
        if (teacher is null || !weights.NeedsTeacher)
            return null;

        using var noGrad = no_grad();
        return ForwardPass.Of(teacher, batch, weights.Feature > 0);
    }

    private static Prediction? Select(Prediction? prediction, long[] rows)
    {
        if (prediction is null)
            return null;

        var index = tensor(rows, [rows.Length], device: prediction.Output.device);
        return new Prediction(
            prediction.Output.index_select(0, index),
            [.. prediction.Features.Select(map => map.index_select(0, index))]);
    }

    private static IEnumerable<(bool[]? Mask, long[] Rows)> Groups(TrainingBatch batch, HardTable? table) =>
        table is null
            ? [(null, Samples(batch).ToArray())]
            : Samples(batch)
                .GroupBy(row => table.Route[(int)batch.Rows[row]])
                .OrderBy(group => group.Key)
                .Select(group => ((bool[]?)table.Experts[group.Key], group.ToArray()));

    private static IEnumerable<long> Samples(TrainingBatch batch) =>
        Enumerable.Range(0, batch.Count).Select(sample => (long)sample);
}
