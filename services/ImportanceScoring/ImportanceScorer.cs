using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Alter;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;

namespace Mlops.ImportanceScoring;

/// <summary>Scores every prunable structure of a model in every stage of the trajectory.</summary>
public sealed class ImportanceScorer : IJobWorker
{
    /// <inheritdoc/>
    public string OutputKind => "scores";

    /// <inheritdoc/>
    public string Protocol => "score-importance/7";

    /// <summary>Refuses what cannot be scored of a model that is pruned already.</summary>
    /// <param name="given">Its plan; null for a dense model.</param>
    /// <exception cref="InvalidDataException">The options ask for that.</exception>
    public static void Check(ImportanceScoringOptions options, PruningPlan? given)
    {
        if (!options.ScoresLayers && options.StageCount > 1)
            GivenModel.RefuseAny(given, "a choice of heads and neurons per stage");
    }

    /// <inheritdoc/>
    public async Task WriteAsync(JobContext job, string outputFolder, CancellationToken cancellationToken)
    {
        var options = job.Options<ImportanceScoringOptions>();
        var folder = await job.FolderAsync("model", cancellationToken);
        Check(options, PrunedModel.PlanIn(folder));
        var data = options.NeedsData ? await job.FolderAsync("data", cancellationToken) : null;
        var placement = Placement.Create(job.Device, options.Precision, job.Warn);
        using var model = GivenModel.Load(folder, placement);
        var scheduler = NoiseSchedulers.Load(folder);
        var images = data is null ? null : new CalibrationSet(data, model, job.Order.Seed, placement.Device);
        if (options.ScoresLayers)
        {
            model.eval();
            ScoresFolder.Save(
                await LayersAsync(job, options, model, folder, scheduler, images, cancellationToken), outputFolder);
        }
        else if (options is { Method: ScoringMethod.Random, Target: ScoreTarget.Layers })
        {
            ScoresFolder.Save(RandomLayers(model, options, scheduler, job.Order.Seed), outputFolder);
        }
        else
        {
            using var channels = new ChannelScoring(job, options, model, scheduler);
            ScoresFolder.Save(
                channels.Run(images, cancellationToken), outputFolder, channels.Gradients, channels.Hessians);
        }

        job.Progress.Report(new JobProgress(1, $"stored the {options.Method} scores of {options.StageCount} stages"));
    }

    private static async Task<ImportanceScores> LayersAsync(
        JobContext job, ImportanceScoringOptions options, Denoiser model, string folder, NoiseScheduler scheduler,
        CalibrationSet? images, CancellationToken cancellationToken)
    {
        // Refuses a model without a label for "no class", and a budget that leaving out all layers does not reach.
        _ = Guidance.Of(model, options.Guidance);
        if (options.Method == ScoringMethod.MixedLoss)
            new LayerCosts(MacCounter.LayerCosts(model), MacCounter.Count(model).Macs).Target(options.KeptRatio);
        var checkpoint = await ScoringCheckpoint.LoadAsync(job, cancellationToken);
        var trajectory = options.Method is ScoringMethod.TrajectoryLoss or ScoringMethod.MixedLoss
            ? await new TrajectoryScoring(job, options, model, folder, checkpoint).RunAsync(cancellationToken)
            : null;
        if (trajectory is not null && options.Method == ScoringMethod.TrajectoryLoss)
            return trajectory;
        var output = await new LayerScoring(job, options, model, scheduler, checkpoint)
            .RunAsync(images!, cancellationToken);
        return trajectory is null
            ? output
            : MixedLoss.Of(
                output, trajectory, MacCounter.LayerCosts(model), MacCounter.Count(model).Macs, options.KeptRatio);
    }

    private static ImportanceScores RandomLayers(
        Denoiser model, ImportanceScoringOptions options, NoiseScheduler scheduler, long seed)
    {
        var stages = options.Bounds(scheduler);
        return new ImportanceScores(
            RandomScore.Method, ScoreTarget.Layers, stages, [.. model.Layers.Select(layer => new StructureScores(
                layer.Name, [.. RandomScore.Draw(seed, layer.Name, stages.Count).Select(value => new[] { value })]))]);
    }
}
