using System.ComponentModel.DataAnnotations;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Sampling;
using Mlops.Pruning.Importance;

namespace Mlops.ImportanceScoring;

/// <summary>The criteria.</summary>
public enum ScoringMethod
{
    /// <summary>Noise from the seed.</summary>
    Random,

    /// <summary>Squared weights of channels.</summary>
    Magnitude,

    /// <summary>Timestep-thresholded Taylor scores of channels.</summary>
    DiffPruning,

    /// <summary>Plain Taylor scores of channels over all timesteps: Diff-Pruning's baseline.</summary>
    Taylor,

    /// <summary>LAPTOP-Diff's output loss of layers.</summary>
    OutputLoss,

    /// <summary>Diff-ES's cosine between output and input of layers.</summary>
    BlockCosine,

    /// <summary>Distance of the final sample when a layer is out in one stage.</summary>
    TrajectoryLoss,

    /// <summary>Output and trajectory loss, each in units of the best static mask's.</summary>
    MixedLoss,
}

/// <summary>Settings of an importance job.</summary>
public sealed record ImportanceScoringOptions : IValidatableObject
{
    private const int SearchStages = 5, RoutingStages = 4;

    /// <summary>The criterion.</summary>
    public ScoringMethod Method { get; init; } = ScoringMethod.DiffPruning;

    /// <summary>Type in which the model computes.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>What random scores are of; the other criteria know.</summary>
    public ScoreTarget Target { get; init; } = ScoreTarget.Channels;

    /// <summary>Equal stages of the trajectory, each scored on its own; null: 5 for block-cosine, 4 for trajectory and
    /// mixed loss, else 1.</summary>
    [Range(1, 1000)]
    public int? Stages { get; init; }

    /// <summary>Images that layer criteria look at in every stage.</summary>
    [Range(1, 1_000_000)]
    public int Samples { get; init; } = 64;

    /// <summary>Images per pass; also the one batch that Diff-Pruning walks over the timesteps.</summary>
    [Range(1, 65_536)]
    public int BatchSize { get; init; } = 32;

    /// <summary>Diff-Pruning stops at the first timestep whose loss
    /// is below this part of the largest; 0 walks all.</summary>
    [Range(0.0, 0.999)]
    public double Threshold { get; init; } = 0.05;

    /// <summary>Taylor criteria look at every such timestep. Paper: 1, ten times the work.</summary>
    [Range(1, 1000)]
    public int Stride { get; init; } = 10;

    /// <summary>Which published script Diff-Pruning follows.</summary>
    public TaylorVariant Variant { get; init; } = TaylorVariant.Hf;

    /// <summary>Trajectory loss: fixed noises whose samples are compared.</summary>
    [Range(1, 100_000)]
    public int Probes { get; init; } = 24;

    /// <summary>Trajectory loss: <c>ddim</c>, <c>euler</c>, …; <c>auto</c> takes the deterministic one that fits the
    /// model.</summary>
    [KnownSampler]
    public string Sampler { get; init; } = "auto";

    /// <summary>Trajectory loss: sampler steps.</summary>
    [Range(1, 1000)]
    public int Steps { get; init; } = 20;

    /// <summary>Mixed loss: the kept ratio that the best static mask has.</summary>
    [Range(0.001, 1.0)]
    public double Macs { get; init; } = 0.65;

    /// <summary>Layer criteria: scale of the classifier-free guidance that the model will have; 1 is none.</summary>
    [Range(0.0, 1000.0)]
    public double Guidance { get; init; } = 1;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Guidance != 1 && !ScoresLayers)
            yield return new(FormattableString.Invariant(
                $"option 'guidance' is {Guidance}, but only layer criteria look at a guided model; leave it out"));
    }

    /// <summary>Number of stages.</summary>
    internal int StageCount => Stages ?? Method switch
    {
        ScoringMethod.BlockCosine => SearchStages,
        ScoringMethod.TrajectoryLoss or ScoringMethod.MixedLoss => RoutingStages,
        _ => 1,
    };

    /// <summary>Whether images are needed.</summary>
    internal bool NeedsData =>
        Method is not (ScoringMethod.Random or ScoringMethod.Magnitude or ScoringMethod.TrajectoryLoss);

    /// <summary>Whether whole layers are scored by what they do.</summary>
    internal bool ScoresLayers => Method is ScoringMethod.OutputLoss or ScoringMethod.BlockCosine
        or ScoringMethod.TrajectoryLoss or ScoringMethod.MixedLoss;
}
