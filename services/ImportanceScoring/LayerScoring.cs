using System.Text.Json;
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
    JobContext job, ImportanceScoringOptions options, Denoiser model, NoiseScheduler scheduler)
{
    private const string SumsFile = "sums.json";

    /// <summary>Scores over all batches.</summary>
    public async Task<ImportanceScores> RunAsync(CalibrationSet images, CancellationToken cancellationToken)
    {
        var stages = StageBounds.Even(options.StageCount, scheduler.TrainTimesteps);
        var sums = await LatestAsync(cancellationToken)
            ?? new Sums(0, [.. Enumerable.Range(0, stages.Count).Select(_ => new double[model.Layers.Count])]);
        while (sums.Done < options.Samples)
        {
            var size = Math.Min(options.BatchSize, options.Samples - sums.Done);
            try
            {
                sums = Add(sums, images, size, stages, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                await SaveAsync(sums);
                throw;
            }

            job.Progress.Report(new JobProgress(
                (double)sums.Done / options.Samples, $"scored {model.Layers.Count} layers on {sums.Done} images"));
        }

        // Output loss is a mean; the cosine score stays a sum, as in the published code.
        var divisor = options.Method == ScoringMethod.OutputLoss ? sums.Done : 1;
        var method = options.Method == ScoringMethod.OutputLoss ? OutputLoss.Method : BlockCosine.Method;
        return new ImportanceScores(method, ScoreTarget.Layers, stages,
            [.. model.Layers.Select(layer => new StructureScores(
                layer.Name, [.. sums.PerStage.Select(values => new[] { values[layer.Index] / divisor })]))]);
    }

    private Sums Add(
        Sums sums, CalibrationSet images, int size, StageBounds stages, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var number = sums.Done / options.BatchSize;
        var (batch, seed) = (images.Batch(number, size), Seeds.Of(job.Order.Seed, "score-time", number));
        // Into a copy: a batch that is interrupted leaves no trace.
        double[][] grown = [.. sums.PerStage.Select(values => values.ToArray())];
        if (options.Method == ScoringMethod.OutputLoss)
            new OutputLoss(model, scheduler).Accumulate(batch, stages, seed, grown, cancellationToken);
        else
            new BlockCosine(model, scheduler).Accumulate(batch, stages, seed, grown, cancellationToken);
        return new Sums(sums.Done + size, grown);
    }

    private async Task<Sums?> LatestAsync(CancellationToken cancellationToken) =>
        await job.Checkpoints.LatestAsync(cancellationToken) is { } folder
            ? JsonSerializer.Deserialize<Sums>(
                await File.ReadAllTextAsync(Path.Combine(folder, SumsFile), cancellationToken))
            : null;

    private Task SaveAsync(Sums sums) => job.Checkpoints.SaveAsync(
        folder => File.WriteAllText(Path.Combine(folder, SumsFile), JsonSerializer.Serialize(sums)),
        CancellationToken.None);

    /// <summary>Sums of the first images, [stage][layer].</summary>
    private sealed record Sums(int Done, double[][] PerStage);
}
