using Mlops.Diffusion;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Stages;
using static TorchSharp.torch;

namespace Mlops.ImportanceScoring;

/// <summary>Scores layers batch by batch; the sums so far are the checkpoint.</summary>
internal sealed class LayerScoring(
    JobContext job, ImportanceScoringOptions options, Denoiser model, NoiseScheduler scheduler,
    ScoringCheckpoint checkpoint)
{
    private const string SumsFile = "sums.json";

    /// <summary>Scores over all batches.</summary>
    public async Task<ImportanceScores> RunAsync(CalibrationSet images, CancellationToken cancellationToken)
    {
        var stages = options.Bounds(scheduler);
        var sums = checkpoint.Find<Sums>(SumsFile)
            ?? new Sums(0, [.. Enumerable.Range(0, stages.Count).Select(_ => new double[model.Layers.Count])]);
        while (sums.Done < options.Samples)
        {
            var size = Math.Min(options.BatchSize, options.Samples - sums.Done);
            sums = Add(sums, images, size, stages, cancellationToken);
            if (sums.Done < options.Samples)
                await checkpoint.SaveAsync(SumsFile, sums);
            job.Progress.Report(new JobProgress(
                (double)sums.Done / options.Samples, $"scored {model.Layers.Count} layers on {sums.Done} images"));
        }

        return new ImportanceScores(
            options.Method == ScoringMethod.MixedLoss ? OutputLoss.Method : options.ScoreName,
            ScoreTarget.Layers, stages,
            [.. model.Layers.Select(layer => new StructureScores(
                layer.Name,
                [.. sums.PerStage.Select((values, stage) => new[] { Score(values[layer.Index], stage) })]))]);

        // Output loss and entropy are means over images and, by the length of the stage, over timesteps; the cosine
        // score stays a sum, as in the published code.
        double Score(double sum, int stage) => options.Method switch
        {
            ScoringMethod.BlockCosine => sum,
            ScoringMethod.Entropy => EntropyDeviation.Of(sum, sums.Done) * stages.Share(stage),
            _ => sum / sums.Done * stages.Share(stage),
        };
    }

    private Sums Add(
        Sums sums, CalibrationSet images, int size, StageBounds stages, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var number = sums.Done / options.BatchSize;
        var batch = images.Batch(number, sums.Done, size);
        var seed = Seeds.Of(job.Order.Seed, "score-time", number);
        // Into a copy: a batch that is interrupted leaves no trace.
        double[][] grown = [.. sums.PerStage.Select(values => values.ToArray())];
        switch (options.Method)
        {
            case ScoringMethod.BlockCosine:
                new BlockCosine(model, scheduler, options.Guidance)
                    .Accumulate(batch, stages, seed, grown, cancellationToken);
                break;
            case ScoringMethod.Entropy:
                new EntropyDeviation(model, options.Guidance)
                    .Accumulate(batch, scheduler, stages, seed, grown, cancellationToken);
                break;
            default:
                new OutputLoss(model, scheduler, options.Guidance)
                    .Accumulate(batch, stages, seed, grown, cancellationToken);
                break;
        }

        return new Sums(sums.Done + size, grown);
    }

    /// <summary>Sums of the first images, [stage][layer].</summary>
    private sealed record Sums(int Done, double[][] PerStage);
}
