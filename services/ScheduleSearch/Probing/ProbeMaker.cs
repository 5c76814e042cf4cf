using Mlops.Contracts;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Sampling;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Search;
using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.ScheduleSearch.Probing;

/// <summary>Makes the probe of a search: fixed noises and labels, and the dense model's samples from them.</summary>
public static class ProbeMaker
{
    /// <summary>What the candidates of a search share; nothing is computed yet.</summary>
    /// <exception cref="InvalidDataException">Scores, model and options do not belong together.</exception>
    public static async Task<ProbeSettings> SettingsAsync(
        JobContext job, ScheduleSearchOptions options, CancellationToken cancellationToken)
    {
        using var given = GivenShape.Open(await job.FolderAsync("model", cancellationToken));
        var settings = SearchSettings.Of(options);
        var scores = ScoresFolder.Load(await job.FolderAsync("scores", cancellationToken));
        var (levels, steps) = Levels(options, given, scores);
        return new(
            job.Order.Inputs["model"], levels, steps, SamplerNames.Resolve(given.Scheduler, options.Sampler),
            options.Steps, options.Guidance, options.UseClippedModelOutput, options.Metric, options.Trajectory,
            options.Probes, settings.CheckProbes, job.Order.Seed, options.Precision,
            levels.Width is { Compensates: true } ? job.Order.Inputs["scores"] : null);
    }

    /// <summary>What the levels of a search are, and how many sampler steps every stage has.</summary>
    /// <exception cref="ArgumentException">Another number of stages is asked for than was scored.</exception>
    /// <exception cref="InvalidDataException">Scores, model and options do not belong together.</exception>
    public static (StageLevels Levels, int[] StageSteps) Levels(
        ScheduleSearchOptions options, GivenShape given, ImportanceScores scores)
    {
        var sampler = given.Sampler(options.Sampler, options.Steps, options.Guidance);
        var blocks = SearchSettings.Of(options).Blocks;
        var cells = scores.Target == ScoreTarget.Layers ? LayerCells.Of(scores, given.Network) : null;
        var levels = cells is null ? WidthLevels.Of(scores, given.Network, blocks, options.Quantum)
            : blocks ? StageLevels.OfBlocks(scores, cells.Macs, cells.Total)
            : StageLevels.OfQuanta(scores, cells.Macs, cells.Total, options.Quantum);
        if (options.Stages is { } stages && stages != levels.Bounds.Count)
            throw new ArgumentException(
                $"option 'stages' is {stages}, but {levels.Bounds.Count} stages were scored; "
                + "score as many, or leave it out");
        return (levels, [.. levels.Bounds.OfSteps(sampler, options.Steps).CountBy(stage => stage)
            .OrderBy(stage => stage.Key).Select(stage => stage.Value)]);
    }

    /// <summary>Samples the dense model, stores the probe as an artifact and returns its reference.</summary>
    public static async Task<ObjectRef> StoreAsync(
        JobContext job, ProbeSettings settings, ComputeSlot compute, CancellationToken cancellationToken)
    {
        var modelFolder = await job.FolderAsync("model", cancellationToken);
        using var folder = new ScratchFolder();
        await compute.RunAsync(
            () =>
            {
                Write(folder.Path, modelFolder, job, settings, cancellationToken);
                return Task.CompletedTask;
            },
            cancellationToken);
        var inputs = new Dictionary<string, ObjectRef> { ["model"] = settings.Model };
        if (settings.Scores is { } scores)
            inputs["scores"] = scores;
        return await job.Artifacts.SaveAsync(folder.Path, Probe.Kind, null, inputs, cancellationToken);
    }

    private static void Write(
        string folder, string modelFolder, JobContext job, ProbeSettings settings, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var model = GivenModel.Load(modelFolder, Placement.Create(job.Device, settings.Precision, job.Warn));
        model.eval();
        // Streams of their own: an evaluation of the same run must not meet the noises that chose, nor the last choice
        // those of the search.
        var (noise, labels) = Probes.Draw(model, settings.Seed, "search-probes", settings.Probes);
        if (settings.CheckProbes > 0)
        {
            var check = Probes.Draw(model, settings.Seed, "search-check", settings.CheckProbes);
            noise = cat([noise, check.Noise], 0);
            labels = labels is null ? null : cat([labels, check.Labels!], 0);
        }

        var dense = CandidateScorer.Sample(model, modelFolder, settings, noise, labels, 0, cancellationToken);
        new Probe(settings, noise, labels, dense).Save(folder);
    }
}
