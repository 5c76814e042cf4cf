using Mlops.Diffusion.Models;
using Mlops.Pruning.Stages;
using Mlops.Pruning.Steps;

namespace Mlops.Pruning.Plans;

/// <summary>Consecutive native timesteps that share a variant.</summary>
/// <param name="Variant">Index into <see cref="PruningPlan.Variants"/>.</param>
/// <param name="Length">Number of timesteps, at least 1.</param>
public readonly record struct PlanRow(int Variant, int Length);

/// <summary>
/// The table native timestep → variant in which every pruning method ends. Rows are indexed by the native training
/// timestep, so that a sampler may change its number of steps freely. Equal variants are one variant.
/// </summary>
public sealed class PruningPlan
{
    /// <summary>The file's name in a model folder.</summary>
    public const string FileName = "pruning_plan.json";

    private readonly int[] _variantAt;

    private PruningPlan(
        string method, IReadOnlyList<PlanVariant> perTimestep, double keptRatio, StepTable? steps = null)
    {
        if (perTimestep.Count == 0)
            throw new ArgumentException("a pruning plan needs at least one timestep", nameof(perTimestep));
        if (keptRatio is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(keptRatio), keptRatio, "must be in (0, 1]");

        Method = method;
        Steps = steps;
        KeptRatio = keptRatio;
        Variants = [.. perTimestep.Distinct()];
        var index = Variants.Select((variant, position) => (variant, position))
            .ToDictionary(entry => entry.variant, entry => entry.position);
        _variantAt = [.. perTimestep.Select(variant => index[variant])];
        Rows = [.. RunLengths(_variantAt)];
        if (steps?.Actions.OfType<StepAction.Run>().FirstOrDefault(run => run.Variant >= Variants.Count) is { } run)
            throw new InvalidDataException(
                $"the step table runs variant {run.Variant}, but the pruning plan has {Variants.Count}");
        if (CarriesLayers && Variants is not [{ IsDense: true }])
            throw new InvalidDataException(
                "the step table carries layers on from step to step, which needs a plan that leaves nothing out");
    }

    /// <summary>Which method made the plan: <c>alter</c>, <c>diff-es</c>, …</summary>
    public string Method { get; }

    /// <summary>MACs left / MACs of the dense model, averaged over the native timesteps.</summary>
    public double KeptRatio { get; }

    /// <summary>Which sampler steps call the network; null: all of them.</summary>
    public StepTable? Steps { get; }

    /// <summary>Whether some step carries on what layers did in earlier ones.</summary>
    public bool CarriesLayers => Steps?.Actions.Any(action => action is StepAction.Partial) == true;

    /// <summary>Number of native training timesteps.</summary>
    public int Timesteps => _variantAt.Length;

    /// <summary>Distinct variants in order of their first timestep.</summary>
    public IReadOnlyList<PlanVariant> Variants { get; }

    /// <summary>The table, run-length coded by ascending timestep.</summary>
    public IReadOnlyList<PlanRow> Rows { get; }

    /// <summary>Whether one variant serves all timesteps.</summary>
    public bool IsConstant => Variants.Count == 1;

    /// <summary>Whether timesteps differ in the channels that they keep; the weights are then whole, and else cut.
    /// </summary>
    public bool RoutesChannels => Variants.Any(variant => !variant.KeepsAs(Variants[0]));

    /// <summary>Names of the packs that its variants run on.</summary>
    public IReadOnlyList<string> Packs => [.. Variants.Select(variant => variant.Pack).OfType<string>().Distinct()];

    /// <summary>Layers that run at no timestep; their weights may be left out of a file.</summary>
    public IReadOnlyCollection<string> NeverRun => Variants.Skip(1).Aggregate(
        Variants[0].Skip, (left, variant) => [.. left.Intersect(variant.Skip, StringComparer.Ordinal)]);

    /// <summary>A plan from one variant per native timestep.</summary>
    public static PruningPlan FromTable(string method, IReadOnlyList<PlanVariant> perTimestep, double keptRatio) =>
        new(method, perTimestep, keptRatio);

    /// <summary>A plan from one hard mask per native timestep; true runs the layer.</summary>
    public static PruningPlan FromMasks(
        string method, IReadOnlyList<LayerInfo> layers, IReadOnlyList<IReadOnlyList<bool>> masks, double keptRatio) =>
        new(method, [.. masks.Select(mask => PlanVariant.FromMask(layers, mask))], keptRatio);

    /// <summary>One variant per stage of the trajectory, stage 0 at the clean end.</summary>
    public static PruningPlan FromStages(
        string method, StageBounds stages, IReadOnlyList<PlanVariant> perStage, double keptRatio) =>
        perStage.Count == stages.Count
        ? new(method, [.. stages.Table().Select(stage => perStage[stage])], keptRatio)
        : throw new ArgumentException($"{perStage.Count} variants for {stages.Count} stages", nameof(perStage));

    /// <summary>One variant for all timesteps.</summary>
    public static PruningPlan Constant(string method, int timesteps, PlanVariant variant, double keptRatio) =>
        new(method, [.. Enumerable.Repeat(variant, timesteps)], keptRatio);

    /// <summary>The same table under another ratio: for callers that count after choosing.</summary>
    public PruningPlan WithKeptRatio(double keptRatio) =>
        new(Method, [.. _variantAt.Select(variant => Variants[variant])], keptRatio, Steps);

    /// <summary>The same table on the network's own weights.</summary>
    public PruningPlan WithoutPacks() =>
        new(Method, [.. _variantAt.Select(variant => Variants[variant].On(null))], KeptRatio, Steps);

    /// <summary>The same variants under a step table; null removes it.</summary>
    public PruningPlan WithSteps(StepTable? steps) =>
        new(Method, [.. _variantAt.Select(variant => Variants[variant])], KeptRatio, steps);

    /// <summary>Index of the variant of every native timestep.</summary>
    public IReadOnlyList<int> VariantsAt => _variantAt;

    /// <summary>Index of the variant that serves a native timestep.</summary>
    public int VariantAt(long timestep) => timestep >= 0 && timestep < Timesteps
        ? _variantAt[timestep]
        : throw new ArgumentOutOfRangeException(nameof(timestep), timestep, $"must be in [0, {Timesteps})");

    /// <summary>Which layers a variant runs.</summary>
    public bool[] RunMask(int variant, IReadOnlyList<LayerInfo> layers) => Variants[variant].RunMask(layers);

    private static IEnumerable<PlanRow> RunLengths(int[] variants)
    {
        var start = 0;
        for (var position = 1; position <= variants.Length; position++)
            if (position == variants.Length || variants[position] != variants[start])
            {
                yield return new PlanRow(variants[start], position - start);
                start = position;
            }
    }
}
