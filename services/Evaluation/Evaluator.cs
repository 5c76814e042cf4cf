using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Images;
using Mlops.Diffusion.Models;
using Mlops.Evaluation.Measuring;
using Mlops.Contracts.Evaluations;
using Mlops.Evaluation.Report;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Stages;
using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.Evaluation;

/// <summary>Measures a pruned model against its dense parent and writes numbers, pictures and a page.</summary>
public sealed class Evaluator : IJobWorker
{
    private const string PairsFile = "pairs.png";

    /// <inheritdoc/>
    public string OutputKind => "evaluation";

    /// <inheritdoc/>
    public string Protocol => "evaluate/7";

    /// <summary>Refuses an evaluation that samples otherwise than the model or its step table can.</summary>
    /// <param name="table">For the sampling runs of the one that the pruned model will have; null: the given model's.
    /// </param>
    /// <param name="schedule">By which the pruned model will leave out layers, or channels; null: by none.</param>
    /// <exception cref="ArgumentException">The sampler does not fit the model.</exception>
    /// <exception cref="InvalidDataException">The table or the schedule is for something else, there are more stages
    /// than steps, or the model cannot be guided.</exception>
    public static void Check(
        EvaluationOptions options, GivenShape given, StepTable? table, StageSchedule? schedule = null)
    {
        var own = given.Plan?.Steps;
        var sampling = SamplingProtocol.Resolve(options, table ?? own, given.Scheduler, own);
        given.Sampler(sampling.DenseSampler, sampling.DenseSteps, sampling.Guidance);
        given.Sampler(sampling.PrunedSampler, sampling.PrunedSteps, sampling.Guidance);
        // A searched one was held against the sampler of its search; a model with a table of few steps has no others.
        if (own is null && schedule is { Guidance: null, Stages.Count: var stages } && stages > sampling.PrunedSteps)
            throw new InvalidDataException(
                $"the schedule has {stages} stages, but the evaluation samples in {sampling.PrunedSteps} steps; take "
                + "more steps or fewer stages");
        if (schedule?.Guidance is { } searched && searched != sampling.Guidance)
            throw new InvalidDataException(FormattableString.Invariant(
                $"the schedule is searched with guidance {searched}, but the evaluation samples with ")
                + FormattableString.Invariant($"{sampling.Guidance}; give both the same"));
    }

    /// <inheritdoc/>
    public async Task WriteAsync(JobContext job, string outputFolder, CancellationToken cancellationToken)
    {
        var options = job.Options<EvaluationOptions>();
        using var inputs = await EvaluationInputs.LoadAsync(job, options, cancellationToken);
        using var pairs = await PairedSamples.DrawAsync(job, inputs, options, cancellationToken);
        var distances = await Distances.MeasureAsync(job, inputs, pairs, cancellationToken);
        distances.Save(outputFolder);
        var rival = FewerSteps.Of(pairs, distances, inputs);
        var measurements = Measure(job, inputs, pairs, distances, options, cancellationToken);
        if (rival is not null)
            measurements.Add(rival.Measure(inputs, job.Order.Seed));
        var (lineage, charts, notes) = await Lineage.ReadAsync(job.Order.Inputs, job.Artifacts, cancellationToken);
        var plan = inputs.PrunedParts.Plan;
        var report = new EvaluationReport(
            EvaluationReport.CurrentFormat, job.Order.Seed, inputs.PrunedParts.Method,
            Gate.Judge(measurements, options), measurements, Schedule(inputs, plan),
            [.. charts, .. Macs(inputs, plan), .. rival is null ? (Chart[])[] : [rival.Chart()]], lineage,
            [
                .. rival is null ? (string[])[] : [rival.Sentence(job.Order.Seed)],
                .. inputs.Reference, .. notes,
                .. DistributionMeasurements.Missing(inputs, options),
            ]);
        report.Save(outputFolder);
        HtmlReport.Write(
            report, Pictures(pairs, inputs, options, job.Order.Seed, outputFolder),
            Path.Combine(outputFolder, HtmlReport.FileName));
    }

    private static List<Measurement> Measure(
        JobContext job, EvaluationInputs inputs, PairedSamples pairs, PairDistances distances,
        EvaluationOptions options, CancellationToken cancellationToken)
    {
        var seed = job.Order.Seed;
        var measurements = SizeMeasurements.Of(inputs).ToList();
        if (options.TimingRounds > 0)
        {
            job.Progress.Report(new(0.65, "timing both models"));
            measurements.AddRange(new SpeedMeasurements(inputs, options, seed).Measure(cancellationToken));
        }

        measurements.AddRange(PairMeasurements.Of(pairs, distances, inputs, options, seed));
        measurements.AddRange(Distances.ToTruth(distances, seed));
        if (inputs.Images is null)
            return measurements;
        job.Progress.Report(new(0.8, "held-out loss"));
        measurements.AddRange(new LossMeasurements(inputs, options, seed).Measure(cancellationToken));
        if (!DistributionMeasurements.HasEnough(inputs, options))
            return measurements;
        job.Progress.Report(new(0.9, "distribution distances"));
        measurements.AddRange(DistributionMeasurements.Of(pairs, inputs, options, seed));
        return measurements;
    }

    // What a timestep costs, where that is not the same for all.
    private static IEnumerable<Chart> Macs(EvaluationInputs inputs, PruningPlan? plan)
    {
        if (plan is null || plan.IsConstant)
            yield break;
        var dense = inputs.DenseParts.MeanMacs;
        var left = PlanCosts.VariantMacs(plan, inputs.PrunedParts.Inner);
        List<double> timesteps = [], shares = [];
        foreach (var row in plan.Rows)
        {
            var first = timesteps.Count == 0 ? 0 : timesteps[^1] + 1;
            timesteps.AddRange(first, first + row.Length - 1);
            shares.AddRange(left[row.Variant] / dense, left[row.Variant] / dense);
        }

        yield return new("MACs per timestep", "timestep, noise to the right", "share of the dense model's MACs",
            [new("pruned", timesteps, shares)]);
    }

    // Latents have no colors, so they have no picture either.
    private static ReportPictures Pictures(
        PairedSamples pairs, EvaluationInputs inputs, EvaluationOptions options, long seed, string outputFolder)
    {
        if (inputs.Dense.SampleShape.Channels is not (1 or 3))
            return new([], null, []);
        using var scope = NewDisposeScope();
        var path = Path.Combine(outputFolder, PairsFile);
        var count = Math.Min(options.Pairs, options.Images);
        var (dense, pruned) = (pairs.Dense.narrow(0, 0, count), pairs.Pruned.narrow(0, 0, count));
        ImageGrid.WritePairs(dense, pruned, path);
        var data = inputs.Images is { } images
            ? ImageGrid.Encode(images.Batch(images.IndicesOf(seed, 0, Math.Min(count, images.Count))).Images)
            : [];
        return new(File.ReadAllBytes(path), PairSlider.Of(dense, pruned), data);
    }

    private static ScheduleMap Schedule(EvaluationInputs inputs, PruningPlan? plan)
    {
        string[] layers = [.. inputs.Dense.Layers.Select(layer => layer.Name)];
        string[]? steps = inputs.PrunedParts.Steps is { } table
            ? [.. table.Actions.Select(StepTableJson.InWords)]
            : null;
        if (plan is null)
        {
            var timesteps = inputs.Scheduler().TrainTimesteps;
            return new(timesteps, layers, [new(0, timesteps, [])], new Dictionary<string, int>(), steps);
        }

        var parts = new List<SchedulePart>();
        var first = 0;
        var kept = plan.Variants.Select(variant => plan.RoutesChannels ? Kept(inputs, variant) : null).ToArray();
        foreach (var row in plan.Rows)
        {
            parts.Add(new(first, row.Length, plan.Variants[row.Variant].Skip, kept[row.Variant]));
            first += row.Length;
        }

        return new(plan.Timesteps, layers, parts, (plan.RoutesChannels ? PlanVariant.Dense : plan.Variants[0]).Keep
            .OrderBy(group => group.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Value.Count), steps);
    }

    private static Dictionary<string, double> Kept(EvaluationInputs inputs, PlanVariant variant)
    {
        // Of the network that the plan is for, whatever the reference is.
        using var dense = ModelFamily.ShapeOnly(GivenModel.DenseConfig(inputs.PrunedFolder));
        using var cut = SlicedVariant.Shapes(dense, variant);
        return dense.Layers.Zip(
            MacCounter.LayerCosts(cut ?? dense).Zip(MacCounter.LayerCosts(dense)),
            (layer, macs) => KeyValuePair.Create(layer.Name, macs.First / (double)macs.Second)).ToDictionary();
    }
}
