using System.ComponentModel.DataAnnotations;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Obs;
using Mlops.Pruning.Stages;

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

    /// <summary>Weights of channels times what goes into them.</summary>
    Wanda,

    /// <summary>What goes into channels.</summary>
    Activation,

    /// <summary>OBS-Diff's cost of channels when the others make up for them.</summary>
    Obs,

    /// <summary>LAPTOP-Diff's output loss of layers.</summary>
    OutputLoss,

    /// <summary>EntPruner's change of the output's entropy without a layer.</summary>
    Entropy,

    /// <summary>Diff-ES's cosine between output and input of layers.</summary>
    BlockCosine,

    /// <summary>Distance of the final sample when a layer is out in one stage.</summary>
    TrajectoryLoss,

    /// <summary>Output and trajectory loss, each in units of the best static mask's; with one stage the output loss
    /// alone.</summary>
    MixedLoss,
}

/// <summary>Where stages begin and end.</summary>
public enum StageRule
{
    /// <summary>Equally many timesteps each.</summary>
    Even,

    /// <summary>MosaicDiff's three.</summary>
    Mosaic,
}

/// <summary>Settings of an importance job.</summary>
public sealed record ImportanceScoringOptions : IValidatableObject
{
    private const int SearchStages = 5, RoutingStages = 4;
    private const double UsualKeptRatio = 0.65;

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

    /// <summary>Where the stages begin and end.</summary>
    public StageRule StageRule { get; init; }

    /// <summary>MosaicDiff's λ, the weight of ln SNR in a timestep's score; the paper's was not to be found.</summary>
    [Range(0.0, 1.0)]
    public double SnrWeight { get; init; } = MosaicStages.UsualSnrWeight;

    /// <summary>MosaicDiff's M: the middle stage is above this part of the largest score; the paper's was not to be
    /// found.</summary>
    [Range(0.01, 0.999)]
    public double PeakShare { get; init; } = MosaicStages.UsualPeakShare;

    /// <summary>Images that layer criteria, Wanda, activation and OBS look at in every stage.</summary>
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

    /// <summary>Trajectory loss: sampler steps. Wanda, activation and OBS: timesteps, evenly spread over a stage, at
    /// which every image is looked at; OBS-Diff: 25.</summary>
    [Range(1, 1000)]
    public int Steps { get; init; } = 20;

    /// <summary>Mixed loss: the kept ratio that the best static mask has; null: 0.65. Scores of channels: the ratio
    /// that is wanted, refused at once if no pruning of channels gets there.</summary>
    [Range(0.001, 1.0)]
    public double? Macs { get; init; }

    /// <summary>OBS: added to the diagonal of each Hessian, as a share of that diagonal's mean.</summary>
    [Range(0.0, 1.0)]
    public double Damping { get; init; } = 0.01;

    /// <summary>Layer criteria, Wanda, activation and OBS: scale of the classifier-free guidance that the model will
    /// have; 1 is none.</summary>
    [Range(0.0, 1000.0)]
    public double Guidance { get; init; } = 1;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Guidance != 1 && !TakesGuidance(Method))
            yield return new(FormattableString.Invariant(
                $"option 'guidance' is {Guidance}, but only layer criteria, wanda, activation and obs look at a ")
                + "guided model; leave it out");
        if (StageRule == StageRule.Mosaic && Stages is { } stages and not MosaicStages.Count)
            yield return new($"option 'stages' is {stages}, but mosaic stages are three; drop it");
    }

    /// <summary>Whether a criterion looks at the network as a guided sampler will.</summary>
    public static bool TakesGuidance(ScoringMethod method) =>
        new ImportanceScoringOptions { Method = method } is { ScoresLayers: true } or { ObservesInputs: true };

    /// <summary>Number of stages.</summary>
    internal int StageCount => StageRule == StageRule.Mosaic ? MosaicStages.Count : Stages ?? Method switch
    {
        ScoringMethod.BlockCosine => SearchStages,
        ScoringMethod.TrajectoryLoss or ScoringMethod.MixedLoss => RoutingStages,
        _ => 1,
    };

    /// <summary>The stages of a model.</summary>
    /// <exception cref="InvalidDataException">It has fewer timesteps, or its noise does not give three stages.
    /// </exception>
    internal StageBounds Bounds(NoiseScheduler scheduler) => StageRule == StageRule.Mosaic
        ? MosaicStages.Of(scheduler, SnrWeight, PeakShare).Bounds
        : StageCount <= scheduler.TrainTimesteps ? StageBounds.Even(StageCount, scheduler.TrainTimesteps)
        : throw new InvalidDataException(
            $"{StageCount} stages do not fit the {scheduler.TrainTimesteps} timesteps of this model; ask for fewer");

    /// <summary>The method's name in files.</summary>
    internal string ScoreName => Method switch
    {
        ScoringMethod.Random => RandomScore.Method,
        ScoringMethod.Magnitude => MagnitudeScore.Method,
        ScoringMethod.Taylor => TaylorScore.PlainMethod,
        ScoringMethod.Wanda => InputScore.WandaMethod,
        ScoringMethod.Activation => InputScore.ActivationMethod,
        ScoringMethod.Obs => ObsPruning.Method,
        ScoringMethod.OutputLoss => OutputLoss.Method,
        ScoringMethod.Entropy => EntropyDeviation.Method,
        ScoringMethod.BlockCosine => BlockCosine.Method,
        ScoringMethod.TrajectoryLoss => TrajectoryLoss.Method,
        ScoringMethod.MixedLoss => IsMixed ? MixedLoss.Method : OutputLoss.Method,
        _ => GradientAccumulation.Method,
    };

    /// <summary>What is scored.</summary>
    internal ScoreTarget ScoreTarget =>
        ScoresLayers || (Method == ScoringMethod.Random && Target == ScoreTarget.Layers)
            ? ScoreTarget.Layers : ScoreTarget.Channels;

    /// <summary>Whether the model is sampled.</summary>
    internal bool SamplesModel => Method == ScoringMethod.TrajectoryLoss || IsMixed;

    /// <summary>Whether two losses are added. One mask for the whole trajectory is best chosen by the output loss
    /// alone, as LAPTOP-Diff does.</summary>
    internal bool IsMixed => Method == ScoringMethod.MixedLoss && StageCount > 1;

    /// <summary>Kept ratio of mixed loss.</summary>
    internal double KeptRatio => Macs ?? UsualKeptRatio;

    /// <summary>Whether channels are scored by what goes into them.</summary>
    internal bool ObservesInputs => Method is ScoringMethod.Wanda or ScoringMethod.Activation or ScoringMethod.Obs;

    /// <summary>Whether images are needed.</summary>
    internal bool NeedsData =>
        Method is not (ScoringMethod.Random or ScoringMethod.Magnitude or ScoringMethod.TrajectoryLoss);

    /// <summary>Whether whole layers are scored by what they do.</summary>
    internal bool ScoresLayers => Method is ScoringMethod.OutputLoss or ScoringMethod.Entropy
        or ScoringMethod.BlockCosine or ScoringMethod.TrajectoryLoss or ScoringMethod.MixedLoss;
}
