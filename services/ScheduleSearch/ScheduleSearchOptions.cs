using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Sampling;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Search;
using Mlops.Pruning.Stages;
using Mlops.Pruning.Steps;

namespace Mlops.ScheduleSearch;

/// <summary>Options of a search: Diff-ES's over stages, or that for a step table. The defaults suit a toy model on a
/// laptop, the paper's are named beside them.</summary>
public sealed record ScheduleSearchOptions : IValidatableObject
{
    private const string Evolution = "evolution", Joint = "joint", Mosaic = "mosaic";

    // The dynamic program keeps a table of that many cubed.
    private const int MostSolverSteps = 200;

    // Gaps of layers are sampled to the end, which grows with the square of the steps.
    private const int MostLayerSteps = 50;

    /// <summary>Values of <see cref="Between"/>.</summary>
    internal const string Output = "output", Layers = "layers", Inner = "inner";

    /// <summary><c>evolution</c> is Diff-ES, <c>joint</c> one knapsack over stages and layers, <c>mosaic</c> a sparsity
    /// for each of MosaicDiff's stages; all others make a step table: <c>solver</c>, <c>uniform-reuse</c>,
    /// <c>uniform-forecast</c>, <c>random-reuse</c>, <c>threshold</c>, <c>fewer-steps</c>, or <c>solver-search</c>,
    /// which tries the solver with several samplers, grids and numbers of steps; <c>layer-reuse</c>,
    /// <c>layer-forecast</c>, <c>inner-reuse</c> and <c>layer-threshold</c> carry on layers.</summary>
    [RegularExpression("evolution|joint|mosaic|solver-search|solver|uniform-reuse|uniform-forecast|random-reuse"
        + "|threshold|fewer-steps|layer-reuse|layer-forecast|inner-reuse|layer-threshold")]
    public string Method { get; init; } = Evolution;

    /// <summary>Step table: share of the dense model's MACs of a whole image.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double TotalMacs { get; init; } = 0.5;

    /// <summary>Step table: come near to the dense model with this <c>sampler</c>, or to the <c>fine</c>
    /// trajectory.</summary>
    public StepAim Aim { get; init; } = StepAim.Sampler;

    /// <summary>Step table by <c>uniform-forecast</c>: order of the expansion.</summary>
    [Range(1, 2)]
    public int Order { get; init; } = 1;

    /// <summary>Step table by <c>solver</c>: what steps between whole runs carry on. The network's <c>output</c>, which
    /// they forecast; all <c>layers</c>, or the <c>inner</c> part, and the rest of the network runs.</summary>
    [RegularExpression($"{Output}|{Layers}|{Inner}")]
    public string Between { get; init; } = Output;

    /// <summary>Step table with an inner part: skip connections of a UNet, or blocks at either end of a transformer,
    /// that run at every step.</summary>
    [Range(1, 1000)]
    public int Outer { get; init; } = 1;

    /// <summary>Step table: at which timesteps its steps are. A spacing of the reference library, or <c>tors</c>, equal
    /// rotation of the trajectory; null: the sampler's usual grid.</summary>
    [RegularExpression("trailing|leading|linspace|tors")]
    public string? Grid { get; init; }

    /// <summary>Step table: these timesteps themselves, falling; null: by <see cref="Grid"/>.</summary>
    public IReadOnlyList<int>? Timesteps { get; init; }

    /// <summary>Step table: its sampler, where that is not the <see cref="Sampler"/> of the dense run that it replaces.
    /// </summary>
    [KnownSampler(Optional = true)]
    public string? TableSampler { get; init; }

    /// <summary>Scale of classifier-free guidance in all samples; 1 is none.</summary>
    [Range(0.0, 1000.0)]
    public double Guidance { get; init; } = 1;

    /// <summary>Let DDIM take ε from the clipped x_0. The reference library does not unless it is asked;
    /// then many steps do not lead to the true trajectory while the clip acts.</summary>
    public bool UseClippedModelOutput { get; init; }

    /// <summary>Step table: random directions in which the answer of the final sample is measured.</summary>
    [Range(1, 1000)]
    public int Signs { get; init; } = 8;

    /// <summary>Fresh noises on which the last choice is made; null: 24 for a step table, 64 for Diff-ES, which makes
    /// none with 0, as published.</summary>
    [Range(0, 100_000)]
    public int? CheckProbes { get; init; }

    /// <summary>S; null takes the stages that were scored. Paper: 10.</summary>
    [Range(1, 1000)]
    public int? Stages { get; init; }

    /// <summary>Wanted kept ratio: MACs left / dense MACs over the whole model, averaged over the native timesteps; for
    /// Diff-ES over those of the sampler.</summary>
    [Range(0.001, 1.0)]
    public double Macs { get; init; } = 0.65;

    /// <summary>Diff-ES: whose settings hold where the options below leave it open.</summary>
    public SearchProfile Profile { get; init; }

    /// <summary>What a level is. <c>macs</c>: a <see cref="Quantum"/> of MACs. <c>levels</c>: one layer more, as in the
    /// paper; levels then sum as those of the uniform schedule that meets the ratio, or by <see cref="Level"/>.
    /// </summary>
    [RegularExpression("macs|levels")]
    public string? Budget { get; init; }

    /// <summary>MACs of a level / dense MACs; null: 0.01, or the cheapest layer's where that is more.</summary>
    [Range(0.0005, 1.0)]
    public double? Quantum { get; init; }

    /// <summary>Mean level per stage under the level budget; null derives it from the kept ratio.</summary>
    [Range(0, 1000)]
    public int? Level { get; init; }

    /// <summary>Levels of each stage whose damage is measured alone, for the start of the search; 0 measures none.
    /// </summary>
    [Range(0, 1000)]
    public int? CurveLevels { get; init; }

    /// <summary>What the search starts from beside the optimum of the damage curves: <c>hybrid</c>, the uniform
    /// schedule, shapes and random ones as published, or one schedule alone. Without generations, damage curves and
    /// fresh noises that one is the result.</summary>
    public SearchStart Start { get; init; }

    /// <summary>mu. Paper: 4.</summary>
    [Range(1, 1000)]
    public int? Survivors { get; init; }

    /// <summary>lambda. Paper: 16.</summary>
    [Range(1, 1000)]
    public int? Offspring { get; init; }

    /// <summary>Generations after the initial one. Paper: 50 (DiT), 100 (SDXL).</summary>
    [Range(0, 100_000)]
    public int? Generations { get; init; }

    /// <summary>Most levels that one move carries. Paper: 5 (DiT), 3 (SDXL).</summary>
    [Range(1, 1000)]
    public int? MaxLevels { get; init; }

    /// <summary>T_m, most moves of one mutation. Paper: 1.</summary>
    [Range(1, 1000)]
    public int Moves { get; init; } = 1;

    /// <summary>Probes of the rounds before the last, ascending: a third of the offspring passes each. None: every
    /// offspring is judged on all probes, as published; null: 4 and 16, as far as they are fewer than all.</summary>
    public IReadOnlyList<int>? Screening { get; init; }

    /// <summary>Generations without a better best before the search ends early; 0 never does.</summary>
    [Range(0, 100_000)]
    public int Patience { get; init; }

    /// <summary>Fitness: <c>latent_mse</c>, <c>latent_cos</c>, <c>latent_snr</c> or <c>img_ssim</c>.</summary>
    [RegularExpression("latent_mse|latent_cos|latent_snr|img_ssim")]
    public string Metric { get; init; } = "latent_mse";

    /// <summary>Judge the states on the way as well, with weights that rise to the final sample's (cosine).</summary>
    public bool Trajectory { get; init; }

    /// <summary>Type in which the dense model and every candidate compute.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Fixed noises on which candidates are sampled. Paper: 64 (DiT).</summary>
    [Range(1, 100_000)]
    public int Probes { get; init; } = 8;

    /// <summary><c>ddim</c>, <c>euler</c>, …; <c>auto</c> takes the deterministic one that fits the model.</summary>
    [KnownSampler]
    public string Sampler { get; init; } = "auto";

    /// <summary>Sampler steps of one probe. Paper: 20.</summary>
    [Range(1, 1000)]
    public int Steps { get; init; } = 10;

    /// <summary>MosaicDiff's λ, as the layers were scored with.</summary>
    [Range(0.0, 1.0)]
    public double SnrWeight { get; init; } = MosaicStages.UsualSnrWeight;

    /// <summary>MosaicDiff's M.</summary>
    [Range(0.01, 0.999)]
    public double PeakShare { get; init; } = MosaicStages.UsualPeakShare;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Method == Evolution)
            foreach (var mistake in SearchSettings.Mistakes(this))
                yield return new(mistake);
        else if (CheckProbes == 0)
            yield return new("option 'check-probes' is 0; a step table is chosen on at least 1");
        if (Order != 1 && StepMethod != Pruning.Steps.StepMethod.UniformForecast)
            yield return new($"option 'order' is {Order}, but only the method uniform-forecast has one; drop it");
        if (Outer != 1 && StepMethod != Pruning.Steps.StepMethod.InnerReuse && Between != Inner)
            yield return new($"option 'outer' is {Outer}, but only an inner part has one; drop it, or take the method "
                + "inner-reuse or 'between' inner");
        if (Between != Output && StepMethod != Pruning.Steps.StepMethod.Solver)
            yield return new($"option 'between' is {Between}, but only the method solver has a choice; drop it");
        // Where layers are carried on, a part of the network runs at every step, which the search itself counts.
        if (StepMethod is not null && !CarriesLayers && StepBudget.Refusal(TotalMacs, Steps) is { } refusal)
            yield return new(refusal);
        else if (StepMethod is Pruning.Steps.StepMethod.Solver or Pruning.Steps.StepMethod.SolverSearch
            && Steps > (CarriesLayers ? MostLayerSteps : MostSolverSteps))
            yield return new($"option 'steps' is {Steps}; the solver takes at most "
                + (CarriesLayers ? $"{MostLayerSteps} where layers are carried on" : $"{MostSolverSteps}"));
        else if (GridMistake is { } mistake)
            yield return new(mistake);
    }

    private string? GridMistake => (Grid ?? TableSampler ?? (object?)Timesteps) is null ? null
        : StepMethod is null or Pruning.Steps.StepMethod.SolverSearch
            ? "options 'grid', 'timesteps' and 'table-sampler' are for one step table; the method "
                + $"{Method} makes none, or chooses them itself; drop them"
        : Grid is not null && Timesteps is not null
            ? $"options 'grid' and 'timesteps' both say where the steps are, {Grid} and otherwise; drop one"
        : Timesteps is not null && StepTable.GridRefusal(Timesteps, TableSteps) is { } refusal
            ? $"option 'timesteps' has {refusal}"
        : null;

    /// <summary>Sampler steps of the table.</summary>
    internal int TableSteps =>
        StepMethod == Pruning.Steps.StepMethod.FewerSteps ? StepBudget.Runs(TotalMacs, Steps) : Steps;

    /// <summary>The way to a step table; null for a schedule of layers.</summary>
    internal StepMethod? StepMethod => Method == Evolution || IsJoint || IsMosaic
        ? null
        : Enum.GetValues<StepMethod>().Single(method => Name(method) == Method);

    /// <summary>Whether some steps carry on layers.</summary>
    internal bool CarriesLayers => StepMethod is Pruning.Steps.StepMethod.LayerReuse
        or Pruning.Steps.StepMethod.LayerForecast or Pruning.Steps.StepMethod.InnerReuse
        or Pruning.Steps.StepMethod.LayerThreshold || Between != Output;

    /// <summary>Whether one knapsack makes the schedule.</summary>
    internal bool IsJoint => Method == Joint;

    /// <summary>Whether MosaicDiff's stages make the schedule.</summary>
    internal bool IsMosaic => Method == Mosaic;

    /// <summary>What a schedule of scored stages will be; null without scores.</summary>
    public StageSchedule? Scheduled(ImportanceScores? scores) =>
        scores is null ? null : new(scores.Stages, Method == Evolution ? Guidance : null);

    /// <summary>A method as the option says it.</summary>
    internal static string Name(StepMethod method) => JsonNamingPolicy.KebabCaseLower.ConvertName(method.ToString());
}
