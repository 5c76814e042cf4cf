using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Sampling;
using Mlops.Pruning.Steps;

namespace Mlops.ScheduleSearch;

/// <summary>Options of a search: Diff-ES's over stages, or that for a step table. The defaults suit a toy model on a
/// laptop, the paper's are named beside them.</summary>
public sealed record ScheduleSearchOptions : IValidatableObject
{
    private const string Evolution = "evolution", Joint = "joint", Mosaic = "mosaic";

    // The dynamic program keeps a table of that many cubed.
    private const int MostSolverSteps = 200;

    /// <summary><c>evolution</c> is Diff-ES, <c>joint</c> one knapsack over stages and layers, <c>mosaic</c> a sparsity
    /// for each of MosaicDiff's stages; all others make a step table: <c>solver</c>, <c>uniform-reuse</c>,
    /// <c>uniform-forecast</c>, <c>threshold</c> or <c>fewer-steps</c>.</summary>
    [RegularExpression("evolution|joint|mosaic|solver|uniform-reuse|uniform-forecast|threshold|fewer-steps")]
    public string Method { get; init; } = Evolution;

    /// <summary>Step table: share of the dense model's MACs of a whole image.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double TotalMacs { get; init; } = 0.5;

    /// <summary>Step table: come near to the dense model with this <c>sampler</c>, or to the <c>fine</c>
    /// trajectory.</summary>
    public StepAim Aim { get; init; } = StepAim.Sampler;

    /// <summary>Step table: scale of classifier-free guidance; 1 is none.</summary>
    [Range(0.0, 1000.0)]
    public double Guidance { get; init; } = 1;

    /// <summary>Step table: let DDIM take ε from the clipped x_0. The reference library does not unless it is asked;
    /// then many steps do not lead to the true trajectory while the clip acts.</summary>
    public bool UseClippedModelOutput { get; init; }

    /// <summary>Step table: random directions in which the answer of the final sample is measured.</summary>
    [Range(1, 1000)]
    public int Signs { get; init; } = 8;

    /// <summary>Step table: fresh noises on which the last choice is made.</summary>
    [Range(1, 100_000)]
    public int CheckProbes { get; init; } = 24;

    /// <summary>S; null takes the stages that were scored. Paper: 10.</summary>
    [Range(1, 1000)]
    public int? Stages { get; init; }

    /// <summary>Wanted kept ratio: MACs left / dense MACs over the
    /// whole model, averaged over the native timesteps.</summary>
    [Range(0.001, 1.0)]
    public double Macs { get; init; } = 0.65;

    /// <summary>
    /// <c>macs</c>: no candidate's real MACs exceed the wanted ratio. <c>levels</c>: as in the paper the levels sum to
    /// a fixed budget, that of the uniform schedule which meets the ratio, or of <see cref="Level"/>.
    /// </summary>
    [RegularExpression("macs|levels")]
    public string Budget { get; init; } = "macs";

    /// <summary>Mean level per stage under the level budget; null derives it from the kept ratio.</summary>
    [Range(0, 1000)]
    public int? Level { get; init; }

    /// <summary>mu. Paper: 4.</summary>
    [Range(1, 1000)]
    public int Survivors { get; init; } = 2;

    /// <summary>lambda. Paper: 16.</summary>
    [Range(1, 1000)]
    public int Offspring { get; init; } = 6;

    /// <summary>Generations after the initial one. Paper: 50 (DiT), 100 (SDXL).</summary>
    [Range(0, 100_000)]
    public int Generations { get; init; } = 12;

    /// <summary>Most levels that one move carries. Paper: 5 (DiT), 3 (SDXL).</summary>
    [Range(1, 1000)]
    public int MaxLevels { get; init; } = 3;

    /// <summary>T_m, most moves of one mutation. Paper: 1.</summary>
    [Range(1, 1000)]
    public int Moves { get; init; } = 1;

    /// <summary>Generations without a better best before the search ends early; 0 never does.</summary>
    [Range(0, 100_000)]
    public int Patience { get; init; }

    /// <summary>Fitness: <c>latent_mse</c>, <c>latent_cos</c>, <c>latent_snr</c> or <c>img_ssim</c>.</summary>
    [RegularExpression("latent_mse|latent_cos|latent_snr|img_ssim")]
    public string Metric { get; init; } = "latent_mse";

    /// <summary>Type in which the dense model and every candidate compute.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Fixed noises on which every candidate is sampled. Paper: 64 (DiT).</summary>
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
    public double SnrWeight { get; init; } = 1e-4;

    /// <summary>MosaicDiff's M.</summary>
    [Range(0.01, 0.999)]
    public double PeakShare { get; init; } = 0.5;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Level is { } level && Budget != "levels")
            yield return new($"option 'level' is {level}, but the budget is MACs; set budget to levels or drop it");
        if (StepMethod is not null && StepBudget.Refusal(TotalMacs, Steps) is { } refusal)
            yield return new(refusal);
        else if (StepMethod == Pruning.Steps.StepMethod.Solver && Steps > MostSolverSteps)
            yield return new($"option 'steps' is {Steps}; the solver takes at most {MostSolverSteps}");
    }

    /// <summary>The way to a step table; null for a schedule of layers.</summary>
    internal StepMethod? StepMethod => Method == Evolution || IsJoint || IsMosaic
        ? null
        : Enum.GetValues<StepMethod>().Single(method => Name(method) == Method);

    /// <summary>Whether one knapsack makes the schedule.</summary>
    internal bool IsJoint => Method == Joint;

    /// <summary>Whether MosaicDiff's stages make the schedule.</summary>
    internal bool IsMosaic => Method == Mosaic;

    /// <summary>A method as the option says it.</summary>
    internal static string Name(StepMethod method) => JsonNamingPolicy.KebabCaseLower.ConvertName(method.ToString());
}
