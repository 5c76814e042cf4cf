using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Schedulers;
using Mlops.Platform.Jobs;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Obs;
using Mlops.Pruning.Plans;

namespace Mlops.SparseExport;

/// <summary>What is exported: a network with its weights, and the plan that says what it lacks.</summary>
internal sealed class PrunedSource : IDisposable
{
    private PrunedSource(
        PrunedModel model, string denseFolder, string schedulerJson, long denseMacs, long denseParameters)
    {
        (Model, DenseFolder, SchedulerJson) = (model, denseFolder, schedulerJson);
        (DenseMacs, DenseParameters) = (denseMacs, denseParameters);
    }

    /// <summary>The network, routed by its plan.</summary>
    public PrunedModel Model { get; }

    /// <summary>The plan, with the kept ratio counted on its real masks.</summary>
    public PruningPlan Plan => Model.Plan!;

    /// <summary>Folder of the given model.</summary>
    public string DenseFolder { get; }

    /// <summary>Text of scheduler_config.json: the step table's sampler, or else the dense model's own.</summary>
    public string SchedulerJson { get; }

    /// <summary>Whether the weights were trained after pruning.</summary>
    public bool IsTuned { get; private init; }

    /// <summary>MACs of the given model, averaged over the native timesteps, where that was pruned already.</summary>
    public double? GivenMacs { get; private init; }

    /// <summary>MACs of the dense model that all came from, one sample.</summary>
    public long DenseMacs { get; }

    /// <summary>Parameters of the dense model.</summary>
    public long DenseParameters { get; }

    /// <summary>Reads the role that says what to remove: tuned, schedule or scores, exactly one of them.</summary>
    /// <exception cref="InvalidDataException">None or others are given, or they ask for the impossible.</exception>
    public static async Task<PrunedSource> OpenAsync(
        JobContext job, SparseExportOptions options, CancellationToken cancellationToken)
    {
        var role = Role(job);
        var dense = await job.FolderAsync("model", cancellationToken);
        var folder = await job.FolderAsync(role, cancellationToken);
        using var shapeOnly = ModelFamily.ShapeOnly(GivenModel.DenseConfig(dense));
        var cost = MacCounter.Count(shapeOnly);
        var scheduler = ModelFolder.Scheduler(dense) ?? throw new FileNotFoundException(
            "the dense model has no scheduler_config.json, without which nobody can sample what is exported; put it "
            + "beside config.json");
        var before = PrunedModel.PlanIn(dense);
        var (network, plan) = role switch
        {
            // What was trained has the whole plan beside it.
            "tuned" => Tuned(folder, cost.Macs, Timesteps(scheduler)),
            "schedule" => (PrunedModel.Load(dense).Inner, Whole(PlanFile.Load(folder))),
            _ => Scored(dense, folder, options, Timesteps(scheduler), Whole),
        };
        if (!plan.RoutesChannels)
            SlicedVariant.Cut(network, plan.Variants[0]);
        var packs = plan.Packs.Count == 0 ? null : WeightPacks.In(folder);
        var tuned = role == "tuned" || plan.Packs.Contains(WeightPacks.Tuned);
        if (packs is not null && plan.Packs is [var only] && plan.Variants.All(variant => variant.Pack == only))
            (plan, packs) = (Settled(network, plan, packs, only), null);
        var counted = plan.WithKeptRatio(PlanCosts.MeanMacs(plan, network) / cost.Macs);
        return new PrunedSource(
            PrunedModel.Of(network, counted, scheduler, packs), dense,
            PipelineFolder.SchedulerFor(scheduler, counted.Steps), cost.Macs, cost.Parameters)
        {
            IsTuned = tuned || (ExportRecord.Load(dense)?.Base.IsTuned ?? false),
            GivenMacs = before is null ? null : MeanMacs(dense),
        };

        PruningPlan Whole(PruningPlan then) => PlanUnion.Of(before, then, scheduler);
    }

    private static string Role(JobContext job)
    {
        string[] roles = ["tuned", "schedule", "scores"];
        var given = roles.Where(job.Order.Inputs.ContainsKey).ToArray();
        return given is [var only] ? only : throw new InvalidDataException(
            $"job '{job.Order.JobId}' needs exactly one of the inputs {string.Join(", ", roles)}, "
            + $"but has {(given.Length == 0 ? "none" : string.Join(" and ", given))}; correct its 'uses'");
    }

    /// <summary>Weights on which all variants run are the network's own.</summary>
    private static PruningPlan Settled(Denoiser network, PruningPlan plan, WeightPacks packs, string only)
    {
        using (packs)
        using (TorchSharp.torch.NewDisposeScope())
            SlicedVariant.Replace(network, packs.Read(only));
        return plan.WithoutPacks();
    }

    /// <summary>Reads a folder in the format <c>pruned</c>.</summary>
    /// <exception cref="InvalidDataException">It is an ordinary model.</exception>
    public static PrunedSource Open(string folder)
    {
        var dense = PrunedConfig.Read(folder)?.Dense ?? throw new InvalidDataException(
            $"'{folder}' has no pruning plan, so it is an ordinary model; name the run that it comes from");
        using var shapeOnly = ModelFamily.ShapeOnly(dense);
        var cost = MacCounter.Count(shapeOnly);
        var scheduler = ModelFolder.Scheduler(folder) ?? throw new FileNotFoundException(
            $"'{folder}' has no scheduler/scheduler_config.json; export the model again");
        var record = ExportRecord.Load(folder);
        return new PrunedSource(PrunedModel.Load(folder), folder, scheduler, cost.Macs, cost.Parameters)
        {
            IsTuned = record?.Base.IsTuned ?? false,
            GivenMacs = record?.GivenMacs,
        };
    }

    public void Dispose() => Model.Dispose();

    private static double MeanMacs(string folder)
    {
        using var given = PrunedModel.Load(folder);
        return given.MeanMacs;
    }

    /// <summary>A student in native form has no plan: its own configuration is the smaller network.</summary>
    private static (Denoiser, PruningPlan) Tuned(string folder, long denseMacs, int timesteps)
    {
        var tuned = PrunedModel.Load(folder);
        if (tuned.Plan is null && tuned.MeanMacs >= denseMacs)
            throw new InvalidDataException(
                $"the tuned model has no {PruningPlan.FileName} and is as large as the dense one, so nothing is to be "
                + "removed; tune with mode 'alter', or a student that was pruned");

        return (tuned.Inner, tuned.Plan ?? PruningPlan.Constant("distilled", timesteps, PlanVariant.Dense, 1));
    }

    private static (Denoiser, PruningPlan) Scored(
        string given, string folder, SparseExportOptions options, int timesteps, Func<PruningPlan, PruningPlan> whole)
    {
        var scores = ScoresFolder.Load(folder);
        var network = GivenModel.Load(given);
        Check(options, network, PrunedModel.PlanIn(given), scores);
        var plan = scores.Target == ScoreTarget.Layers
            ? WithoutLayers(network, scores, options, timesteps)
            : Narrowed(network, scores, folder, options, timesteps);
        // From here on the whole plan says what is left out.
        network.LeaveOut([]);
        return (network, whole(plan));
    }

    /// <summary>Refuses what cannot be chosen from scores; their form is enough.</summary>
    /// <exception cref="InvalidDataException">The options ask for that.</exception>
    public static void Check(
        SparseExportOptions options, Denoiser network, PruningPlan? given, ImportanceScores scores)
    {
        if (options.PlainConfig && (scores.Target != ScoreTarget.Layers || given is not null))
            throw new InvalidDataException(
                "plain-config chooses whole layers of a dense model, but these are scores of channels, or the model is "
                + "pruned already; drop it");
        if (scores.Target == ScoreTarget.Layers)
        {
            LayerSelection.Need(MacCounter.LayerCosts(network), MacCounter.Count(network).Macs, options.Macs);
            return;
        }

        if (scores is { Method: ObsPruning.Method, Stages.Count: > 1 })
            throw new InvalidDataException(
                $"the scores of obs are of {scores.Stages.Count} stages, each with a Hessian of its own; score with "
                + "stages=1, or search a schedule (recipe diff-es-width)");
        RefuseHeadless(ChannelGroups.Of(network), options.Ratio ?? 0);
        if (options.Ratio is null)
            WidthBudget.Wanted(network, options.Macs);
    }

    private static PruningPlan WithoutLayers(
        Denoiser network, ImportanceScores scores, SparseExportOptions options, int timesteps)
    {
        var byName = scores.Structures.Zip(scores.LayerTotals()).ToDictionary(
            entry => entry.First.Name, entry => entry.Second, StringComparer.Ordinal);
        double[] values = [.. network.Layers.Select(layer => byName.TryGetValue(layer.Name, out var value)
            ? value
            : throw new InvalidDataException($"the scores lack the layer '{layer.Name}'; score this model again"))];
        var drop = options.PlainConfig
            ? PlainSelection.Drop(network, values, options.Macs)
            : LayerSelection.Drop(
                values, MacCounter.LayerCosts(network), MacCounter.Count(network).Macs, options.Macs)
                .Select(index => network.Layers[index].Name);
        return PruningPlan.Constant(scores.Method, timesteps, new PlanVariant(drop), 1);
    }

    private static PruningPlan Narrowed(
        Denoiser network, ImportanceScores scores, string folder, SparseExportOptions options, int timesteps)
    {
        var (gradients, hessians) = (ScoresFolder.Gradients(folder), ScoresFolder.Hessians(folder, stage: 0));
        using var slicer = NetworkSlicer.Of(network, gradients);
        var ratio = options.Ratio ?? WidthBudget.RatioFor(network, options.Macs);
        ChannelScore score = scores.Method switch
        {
            GradientAccumulation.Method => TaylorScore.DiffPruning,
            TaylorScore.PlainMethod => TaylorScore.Plain,
            MagnitudeScore.Method => MagnitudeScore.Of,
            _ => (group, _) => scores.ChannelTotals(group.Root),
        };
        if (scores.Method == ObsPruning.Method)
            ObsPruning.Run(slicer, ratio, score, hessians);
        else
            SequentialPruning.Run(slicer, ratio, score);
        slicer.ApplyTo(network);
        foreach (var tensor in gradients.Values.Concat(hessians.Values))
            tensor.Dispose();
        return PruningPlan.Constant(scores.Method, timesteps, new PlanVariant([], slicer.Kept), 1);
    }

    private static void RefuseHeadless(IReadOnlyList<ChannelGroup> groups, double ratio)
    {
        foreach (var group in groups.Where(group => group.UnitSize > 1))
            if (group.Width / group.UnitSize is var heads && (int)(heads * (1 - ratio)) == 0)
                throw new InvalidDataException(FormattableString.Invariant(
                    $"ratio {ratio} would remove all {heads} heads of '{group.Root}'; ask for at most ")
                    + FormattableString.Invariant($"{Math.Floor((1 - (1.0 / heads)) * 1000) / 1000}"));
    }

    private static int Timesteps(string schedulerJson) => NoiseSchedulers.Parse(schedulerJson).TrainTimesteps;
}
