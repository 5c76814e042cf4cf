using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Alter;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;

namespace Mlops.ImportanceScoring;

/// <summary>Scores every prunable structure of a model in every stage of the trajectory.</summary>
public sealed class ImportanceScorer : IJobWorker
{
    /// <inheritdoc/>
    public string OutputKind => "scores";

    /// <inheritdoc/>
    public string Protocol => "score-importance/9";

    /// <summary>Refuses what cannot be scored of a model.</summary>
    /// <returns>Scores as the model will have them, all of them 0: later jobs are checked against these.</returns>
    /// <exception cref="ArgumentException">The sampler does not fit the model.</exception>
    /// <exception cref="InvalidDataException">The model cannot be guided, has no gateable layer or too few timesteps,
    /// or the budget is below what it always keeps.</exception>
    public static ImportanceScores Check(ImportanceScoringOptions options, GivenShape given)
    {
        if (!options.ScoresLayers && options.StageCount > 1)
            GivenModel.RefuseAny(given.Plan, "a choice of heads and neurons per stage");
        var (network, stages) = (given.Network, options.Bounds(given.Scheduler));
        _ = Guidance.Of(network, options.Guidance);
        if (options.SamplesModel)
            stages.OfSteps(given.Sampler(options.Sampler, options.Steps, options.Guidance), options.Steps);
        if (options.ScoreTarget == ScoreTarget.Channels)
        {
            if (options.ObservesInputs)
                CheckInputs(options, network);
            if (options.Macs is { } macs)
                WidthBudget.Wanted(network, macs);
            return Blank(ChannelGroups.Of(network).Select(group => (group.Root, group.Width)));
        }

        var costs = LayerCosts.Of(network);
        if (options.IsMixed)
            costs.Target(options.KeptRatio);
        return Blank(network.Layers.Select(layer => (layer.Name, 1)));

        ImportanceScores Blank(IEnumerable<(string Name, int Units)> structures) => new(
            options.ScoreName, options.ScoreTarget, stages, [.. structures.Select(structure => new StructureScores(
                structure.Name, [.. Enumerable.Repeat(new double[structure.Units], stages.Count)]))]);
    }

    /// <inheritdoc/>
    public async Task WriteAsync(JobContext job, string outputFolder, CancellationToken cancellationToken)
    {
        var options = job.Options<ImportanceScoringOptions>();
        var folder = await job.FolderAsync("model", cancellationToken);
        var data = options.NeedsData ? await job.FolderAsync("data", cancellationToken) : null;
        var placement = Placement.Create(job.Device, options.Precision, job.Warn);
        using var model = GivenModel.Load(folder, placement);
        var scheduler = NoiseSchedulers.Load(folder);
        Check(options, new(model, scheduler, PrunedModel.PlanIn(folder)));
        var images = data is null ? null : new CalibrationSet(data, model, job.Order.Seed, placement.Device);
        if (options.ScoresLayers)
        {
            model.eval();
            ScoresFolder.Save(
                await LayersAsync(job, options, model, folder, scheduler, images, cancellationToken), outputFolder);
        }
        else if (options.ScoreTarget == ScoreTarget.Layers)
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
        var checkpoint = await ScoringCheckpoint.LoadAsync(job, cancellationToken);
        var trajectory = options.SamplesModel
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

    // Refuses convolutions; and too few input vectors, whose Hessian is singular whatever the images are.
    private static void CheckInputs(ImportanceScoringOptions options, Denoiser network)
    {
        var inputs = InputMoments.MostInputs(network);
        if (options.Method != ScoringMethod.Obs || options.Damping > 0 || network is not DiTTransformer2DModel dit)
            return;
        var tokens = (long)Math.Pow(dit.Options.SampleSize / dit.Options.PatchSize, 2);
        var seen = tokens * options.Samples * options.Steps * (options.Guidance == 1 ? 1 : 2);
        if (seen < inputs)
            throw new InvalidDataException(
                $"a layer of {inputs} inputs is looked at {seen} times ({options.Samples} images, {options.Steps} "
                + $"timesteps, {tokens} tokens), so that its Hessian is singular; set damping above 0, or raise "
                + "'samples' or 'steps'");
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
