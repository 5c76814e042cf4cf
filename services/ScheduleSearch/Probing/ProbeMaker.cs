using Mlops.Contracts;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Search;
using Mlops.Pruning.Stages;
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
        var folder = await job.FolderAsync("model", cancellationToken);
        using var model = GivenModel.ShapeOnly(folder);
        // Refuses a model without a label for "no class".
        _ = Guidance.Of(model, options.Guidance);
        var settings = SearchSettings.Of(options);
        var levels = await LevelsAsync(job, model, settings.Blocks, options.Quantum, cancellationToken);
        if (options.Stages is { } stages && stages != levels.Bounds.Count)
            throw new ArgumentException(
                $"option 'stages' is {stages}, but {levels.Bounds.Count} stages were scored; "
                + "score as many, or leave it out");
        var sampler = SamplerNames.Resolve(folder, options.Sampler);
        return new(
            job.Order.Inputs["model"], levels, StageSteps(folder, sampler, options.Steps, levels.Bounds), sampler,
            options.Steps, options.Guidance, options.UseClippedModelOutput, options.Metric, options.Trajectory,
            options.Probes, settings.CheckProbes, job.Order.Seed, options.Precision,
            levels.Width is { Compensates: true } ? job.Order.Inputs["scores"] : null);
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

    private static async Task<StageLevels> LevelsAsync(
        JobContext job, Denoiser model, bool blocks, double? quantum, CancellationToken cancellationToken)
    {
        var found = ScoresFolder.Load(await job.FolderAsync("scores", cancellationToken));
        if (found.Target == ScoreTarget.Channels)
            return WidthLevels.Of(found, model, blocks, quantum);
        var (scores, _, macs, total, _, _) = await LayerCells.OpenAsync(job, model, cancellationToken);
        return blocks
            ? StageLevels.OfBlocks(scores, macs, total)
            : StageLevels.OfQuanta(scores, macs, total, quantum);
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

    private static int[] StageSteps(string folder, string sampler, int steps, StageBounds stages)
    {
        var scheduler = SamplerNames.Load(folder, sampler);
        scheduler.SetTimesteps(steps);
        return [.. stages.OfSteps(scheduler, steps).GroupBy(stage => stage).OrderBy(stage => stage.Key)
            .Select(stage => stage.Count())];
    }
}
