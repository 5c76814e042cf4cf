using Mlops.Contracts;
using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Search;
using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.ScheduleSearch.Probing;

/// <summary>Makes the probe of a search: fixed noises and labels, and the dense model's samples from them.</summary>
public static class ProbeMaker
{
    /// <summary>Stores the probe as an artifact and returns its reference.</summary>
    /// <exception cref="InvalidDataException">Scores and model do not belong together.</exception>
    public static async Task<(ObjectRef Reference, ProbeSettings Settings)> StoreAsync(
        JobContext job, ScheduleSearchOptions options, ComputeSlot compute, CancellationToken cancellationToken)
    {
        var modelFolder = await job.FolderAsync("model", cancellationToken);
        var scores = ScoresFolder.Load(await job.FolderAsync("scores", cancellationToken));
        if (options.Stages is { } stages && stages != scores.Stages.Count)
            throw new ArgumentException(
                $"option 'stages' is {stages}, but {scores.Stages.Count} stages were scored; "
                + "score as many, or leave it out");
        var orders = new DropOrders(
            scores.Stages, [.. Enumerable.Range(0, scores.Stages.Count).Select(scores.DropOrder)]);

        using var folder = new ScratchFolder();
        var settings = await compute.RunAsync(
            () => Task.FromResult(Write(folder.Path, modelFolder, orders, job, options, cancellationToken)),
            cancellationToken);
        var inputs = new Dictionary<string, ObjectRef> { ["model"] = job.Order.Inputs["model"] };
        return (
            await job.Artifacts.SaveAsync(folder.Path, Probe.Kind, null, inputs, cancellationToken), settings);
    }

    private static ProbeSettings Write(
        string folder, string modelFolder, DropOrders orders, JobContext job, ScheduleSearchOptions options,
        CancellationToken cancellationToken)
    {
        var order = job.Order;
        var placement = Placement.Create(job.Device, options.Precision, job.Warn);
        using var scope = NewDisposeScope();
        using var model = ModelFolder.Load(modelFolder, placement);
        model.eval();
        orders.Validate(model.Layers);
        var keptMacs = orders.KeptMacs(model.Layers, MacCounter.LayerCosts(model), MacCounter.Count(model).Macs);
        var settings = new ProbeSettings(
            order.Inputs["model"], orders, keptMacs, SamplerNames.Resolve(modelFolder, options.Sampler), options.Steps,
            options.Metric, options.Probes, order.Seed, options.Precision);
        // A stream of their own: an evaluation of the same run must not meet the noises that chose.
        var (noise, labels) = Probes.Draw(model, order.Seed, "search-probes", options.Probes);
        var dense = CandidateScorer.Sample(model, modelFolder, settings, noise, labels, cancellationToken);
        new Probe(settings, noise, labels, dense).Save(folder);
        return settings;
    }
}
