using Mlops.Diffusion.Models;
using Mlops.Diffusion.Training;
using Mlops.Pruning.Alter;
using static TorchSharp.torch;

namespace Mlops.CoFinetuning;

/// <summary>
/// One gradient of the backbone under the current hard table (ALTER, arXiv 2505.21817, section 3.4, step 1), in one
/// pass for all experts: a layer takes the samples whose expert runs it, and is not called for the others.
/// </summary>
internal sealed class BackboneStep(Denoiser backbone, Denoiser? teacher, Distillation weights)
{
    /// <summary>Leaves the gradient in the backbone's weights and returns the loss.</summary>
    /// <param name="table">Masks per native timestep; null runs every layer.</param>
    public double Backward(TrainingBatch batch, HardTable? table)
    {
        backbone.train();
        backbone.zero_grad();
        using var scope = NewDisposeScope();
        var dense = Teacher(teacher, weights, batch);
        var rows = table is null ? null : Rows(batch, table);
        var student = ForwardPass.Of(backbone, batch, weights.Feature > 0, rows: rows);
        var loss = weights.Loss(student, dense, batch.Target);
        loss.backward();
        return loss.item<float>();
    }

    /// <summary>The dense network on the same noised input, without gradient; null when no term needs it.</summary>
    internal static Prediction? Teacher(Denoiser? teacher, Distillation weights, TrainingBatch batch)
    {
        if (teacher is null || !weights.NeedsTeacher)
            return null;

        using var noGrad = no_grad();
        return ForwardPass.Of(teacher, batch, weights.Feature > 0);
    }

    /// <summary>[layer] samples that run it; null where all do.</summary>
    private static long[]?[] Rows(TrainingBatch batch, HardTable table)
    {
        var masks = Array.ConvertAll(batch.Rows, row => table.Experts[table.Route[(int)row]]);
        return
        [
            .. Enumerable.Range(0, masks[0].Length).Select(layer => masks.All(mask => mask[layer]) ? null
                : Enumerable.Range(0, batch.Count).Where(sample => masks[sample][layer])
                    .Select(sample => (long)sample).ToArray()),
        ];
    }
}
