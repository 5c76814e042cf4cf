using System.ComponentModel.DataAnnotations;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Training;
using Mlops.Pruning.Alter;

namespace Mlops.CoFinetuning;

/// <summary>Settings of a co-finetuning job. What is null takes the mode's default, chosen for a laptop CPU.</summary>
public sealed record CoFinetuneOptions : IValidatableObject
{
    private const int DefaultWarmUp = 25;

    // As a share of the peak, where the cosine ends.
    private const double SmallestRate = 0.05;

    // arXiv 2505.21817, section 4.1, for Stable Diffusion: a window of two epochs, then training to the end.
    private const int PaperSteps = 29_400, PaperWindow = 9_400, PaperBatch = 64;

    /// <summary>Which parts of the loop are on.</summary>
    public TrainingMode Mode { get; init; } = TrainingMode.Alter;

    /// <summary>Type in which networks compute; weights of the optimizer stay float32.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Optimizer steps of the backbone; null: 330, 1200 for a dense model, or the 29400 of ALTER's paper
    /// profile.</summary>
    [Range(1, 100_000_000)]
    public int? Steps { get; init; }

    /// <summary>Images per step; null: 16, or the 64 of ALTER's paper profile.</summary>
    [Range(1, 65_536)]
    public int? BatchSize { get; init; }

    /// <summary>Learning rate of the backbone after warm-up; the default suits small models, not large ones.</summary>
    [Range(1e-9, 1.0)]
    public double? LearningRate { get; init; }

    /// <summary>Steps of linear warm-up, of both optimizers; null: 25, or the profile's, but at most a quarter of
    /// ALTER's window.</summary>
    [Range(0, 1_000_000)]
    public int? WarmUpSteps { get; init; }

    /// <summary>Decoupled weight decay of the backbone.</summary>
    [Range(0.0, 1.0)]
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Largest gradient norm.</summary>
    [Range(1e-6, 1e6)]
    public double ClipNorm { get; init; } = 1;

    /// <summary>Decay of the moving average whose weights are stored; 0 stores the trained weights; null: 0.98, or 0 in
    /// ALTER's paper profile (the paper has 0.9999 for a DiT).</summary>
    [Range(0.0, 0.999999)]
    public double? EmaDecay { get; init; }

    /// <summary>Steps between two checkpoints.</summary>
    [Range(1, 1_000_000)]
    public int CheckpointEvery { get; init; } = 200;

    /// <summary>Weight of the denoising loss.</summary>
    [Range(0.0, 1e6)]
    public double? DenoiseWeight { get; init; }

    /// <summary>Weight of the distillation of the teacher's output.</summary>
    [Range(0.0, 1e6)]
    public double? OutputWeight { get; init; }

    /// <summary>Weight of the distillation of the teacher's feature maps.</summary>
    [Range(0.0, 1e6)]
    public double? FeatureWeight { get; init; }

    /// <summary>Divides each feature map's error by the teacher's mean square, as LAPTOP-Diff does; null: yes, but not
    /// in ALTER's paper profile.</summary>
    public bool? RelativeFeatures { get; init; }

    /// <summary>ALTER: of a DiT, the feature map of the middle block alone is distilled; null: in the paper profile.
    /// </summary>
    public bool? MiddleFeature { get; init; }

    /// <summary>Share of the images that are trained without their class, so that classifier-free guidance works (Ho
    /// and Salimans 2022, algorithm 1); only where the model has a label that means "no class".</summary>
    [Range(0.0, 1.0)]
    public double LabelDropout { get; init; } = 0.1;

    /// <summary>Budget of ALTER and of progressive pruning: kept ratio of the whole model's MACs.</summary>
    [Range(0.01, 1.0)]
    public double Macs { get; init; } = 0.65;

    /// <summary>Progressive: k, parts of equal length into which the steps fall; layers go at the start of each, and
    /// what the budget still wants at the start of the last.</summary>
    [Range(1, 1000)]
    public int Phases { get; init; } = 4;

    /// <summary>Images that layers are scored on: for every expert where ALTER's masks are frozen, and at the start of
    /// a phase of progressive pruning; null: 32, or 64 for a phase.</summary>
    [Range(1, 1_000_000)]
    public int? ScoreImages { get; init; }

    /// <summary>Progressive: images in each of the two batches of the zero-shot scores. The condition number takes a
    /// gradient of the whole network in memory for each.</summary>
    [Range(2, 1_024)]
    public int ZeroShotImages { get; init; } = 16;

    /// <summary>ALTER: whose settings what is null takes, <c>small</c> or <c>paper</c>.</summary>
    public AlterProfile Profile { get; init; }

    /// <summary>N_e: how many masks the timesteps choose from; null: 4 or the paper's 10, or as many as the given
    /// schedule has.</summary>
    [Range(1, 1_000)]
    public int? Experts { get; init; }

    /// <summary>Width of the frozen embedding of an (expert, layer) pair.</summary>
    [Range(1, 4_096)]
    public int? EmbeddingWidth { get; init; }

    /// <summary>Hidden width of the expert generator.</summary>
    [Range(1, 4_096)]
    public int? ExpertWidth { get; init; }

    /// <summary>Hidden width of the temporal router.</summary>
    [Range(1, 4_096)]
    public int? RouterWidth { get; init; }

    /// <summary>What chooses the expert of a timestep: the paper's <c>network</c>, or <c>affine</c> functions of t,
    /// which give every expert one interval.</summary>
    public RouterKind? Router { get; init; }

    /// <summary>Gate logits are weights themselves; off: the paper's generator makes them.</summary>
    public bool? DirectGates { get; init; }

    /// <summary>Two Gumbel variables per gate; off: the paper's one.</summary>
    public bool? LogisticNoise { get; init; }

    /// <summary>b: how open the gates of a fresh hypernetwork are; null: 2 for logistic noise, else the paper's 4.
    /// </summary>
    [Range(0.0, 20.0)]
    public double? Offset { get; init; }

    /// <summary>Temperature of the draws at the start of the window. Paper: 0.4 throughout.</summary>
    [Range(0.01, 10.0)]
    public double? Tau { get; init; }

    /// <summary>Temperature at its end.</summary>
    [Range(0.01, 10.0)]
    public double? FinalTau { get; init; }

    /// <summary>The budget's loss takes the exact expected ratio, squared; off: the paper's, of one draw.</summary>
    public bool? ExpectedBudget { get; init; }

    /// <summary>Steps in which the hypernetwork learns; null: a third of all steps, or as large a part as the 9400 are
    /// of the paper profile's.</summary>
    [Range(1, 100_000_000)]
    public int? WindowSteps { get; init; }

    /// <summary>Learning rate of the hypernetwork; the paper's 7e-5 suits windows of thousands of steps.</summary>
    [Range(1e-9, 1.0)]
    public double? HyperLearningRate { get; init; }

    /// <summary>Weight decay of the hypernetwork.</summary>
    [Range(0.0, 1.0)]
    public double? HyperWeightDecay { get; init; }

    /// <summary>Weight of the log-ratio loss.</summary>
    [Range(0.0, 1e6)]
    public double RatioWeight { get; init; } = 5;

    /// <summary>Weight of the balance loss.</summary>
    [Range(0.0, 1e6)]
    public double BalanceWeight { get; init; } = 1;

    /// <summary>Draws noise for the hard masks of the window too, as the published code does.</summary>
    public bool? WindowNoise { get; init; }

    /// <summary>Gives the hypernetwork step hard masks with soft gradients.</summary>
    public bool? StraightThrough { get; init; }

    /// <summary>The backbone's rate falls by a cosine once the masks are frozen; off: it stays, as in the paper.
    /// </summary>
    public bool? CosineAfterFreeze { get; init; }

    /// <summary>How the masks are made that are frozen at the end of the window: the paper's last noisy draw, which
    /// keeps what it happens to; the learned logits cut at the budget; or, where samples are nearer under them, masks
    /// by the measured worth of gates.</summary>
    public FreezeRule? Freeze { get; init; }

    /// <summary>ALTER: noises from which masks and tuned weights are judged, by their final samples.</summary>
    [Range(1, 65_536)]
    public int Probes { get; init; } = 16;

    /// <summary>ALTER: sampler steps of each.</summary>
    [Range(1, 1_000)]
    public int ProbeSteps { get; init; } = 20;

    /// <summary>ALTER: scale of the classifier-free guidance with which masks and tuned weights are judged; 1 is none.
    /// </summary>
    [Range(0.0, 1000.0)]
    public double Guidance { get; init; } = 1;

    /// <summary>Dense mode: pictures that the trained model draws at the end; 0: none.</summary>
    [Range(0, 1_000)]
    public int Pictures { get; init; } = 40;

    /// <summary>Dense mode: which built-in model.</summary>
    public Architecture Architecture { get; init; }

    /// <summary>Dense mode: blocks of the built-in transformer.</summary>
    [Range(1, 64)]
    public int Blocks { get; init; } = 6;

    /// <summary>Dense mode: attention heads of the built-in transformer, 16 wide each.</summary>
    [Range(1, 64)]
    public int Heads { get; init; } = 4;

    /// <summary>Dense mode: width of each resolution level of the built-in model, multiples of 8; null: 16, 16, 32, 32,
    /// or the last of these where the images cannot be halved so often.</summary>
    [MinLength(2), MaxLength(6)]
    public IReadOnlyList<int>? Widths { get; init; }

    /// <summary>Dense mode: ResNet blocks per level of the built-in model.</summary>
    [Range(1, 8)]
    public int LayersPerBlock { get; init; } = 2;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Mode == TrainingMode.Progressive && Phases > StepCount)
            yield return new($"option 'phases' is {Phases}, but there are {StepCount} steps; every phase needs one, so "
                + "lower 'phases' or raise 'steps'");
        if (Mode == TrainingMode.Alter && WindowSteps > StepCount)
            yield return new($"option 'window-steps' is {WindowSteps}, but there are {StepCount} steps, and the masks "
                + "are frozen within them; lower 'window-steps' or raise 'steps'");
        if (Mode == TrainingMode.Progressive && Precision != Precision.Float32)
            yield return new("option 'precision' must be float32 in mode progressive: the condition number that ranks "
                + "candidates is rounding in any other");
    }

    /// <summary>Steps of this job.</summary>
    internal int StepCount => Steps ?? (IsPaper ? PaperSteps : Mode == TrainingMode.Dense ? 1_200 : 330);

    /// <summary>Images per step.</summary>
    internal int Images => BatchSize ?? (IsPaper ? PaperBatch : 16);

    /// <summary>Images that layers are scored on.</summary>
    internal int ScoredImages => ScoreImages ?? (Mode == TrainingMode.Progressive ? 64 : 32);

    /// <summary>Steps in which the hypernetwork learns.</summary>
    internal int Window => WindowSteps
        ?? Math.Max(1, IsPaper ? (int)((long)StepCount * PaperWindow / PaperSteps) : StepCount / 3);

    /// <summary>ALTER's settings, all decided.</summary>
    internal AlterSettings Alter => AlterSettings.Of(this);

    /// <summary>Decay of the average that is stored.</summary>
    internal double AverageDecay => Mode == TrainingMode.Alter ? Alter.EmaDecay : EmaDecay ?? AlterSettings.UsualDecay;

    private bool IsPaper => Mode == TrainingMode.Alter && Profile == AlterProfile.Paper;

    /// <summary>Loss weights for a network.</summary>
    internal Distillation DistillationOf(Denoiser backbone) => Distillation with
    {
        MiddleFeature = Mode == TrainingMode.Alter && Alter.MiddleFeature && backbone is DiTTransformer2DModel,
    };

    /// <summary>Learning rate of the backbone: large from random weights, smaller for trained ones.</summary>
    internal LearningRate BackboneRate => Mode == TrainingMode.Alter && Alter is var alter
        ? new(alter.LearningRate, alter.WarmUpSteps, StepCount, alter.CosineAfterFreeze, SmallestRate, Hold: Window)
        : new(
            LearningRate ?? (Mode == TrainingMode.Dense ? 3e-3 : 1.5e-3), WarmUpSteps ?? DefaultWarmUp, StepCount,
            Cosine: true, SmallestRate);

    /// <summary>
    /// Loss weights. ALTER's paper keeps the denoising term at 1e-4; a pruned student without masks follows LAPTOP-Diff
    /// and weighs task and distillation alike; dense and progressive training have no distillation unless it is asked
    /// for.
    /// </summary>
    internal Distillation Distillation => Mode switch
    {
        TrainingMode.Alter => new(
            DenoiseWeight ?? 1e-4, OutputWeight ?? 1, Alter.FeatureWeight, Alter.RelativeFeatures),
        TrainingMode.Distil => new(
            DenoiseWeight ?? 1, OutputWeight ?? 1, FeatureWeight ?? 0.1, RelativeFeatures ?? true),
        _ => new(DenoiseWeight ?? 1, OutputWeight ?? 0, FeatureWeight ?? 0, RelativeFeatures ?? true),
    };
}
