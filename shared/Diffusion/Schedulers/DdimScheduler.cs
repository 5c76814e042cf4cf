using static TorchSharp.torch;

namespace Mlops.Diffusion.Schedulers;

/// <summary>Implicit sampling of Song et al. 2020, equations 12 and 16. The previous timestep lies T / steps below; of
/// own timesteps, which the reference class does not take, it is the next one.</summary>
public sealed class DdimScheduler : NoiseScheduler
{
    private readonly string _spacing;
    private readonly int _offset;
    private readonly float _finalBar;
    private readonly SampleClip _clip;
    private bool _ownGrid;

    /// <summary>Reads and checks every option of the class.</summary>
    public DdimScheduler(SchedulerOptions options)
        : base(options, Predictions.Read(options), NoiseSchedule.Read(options))
    {
        _spacing = options.Choice("timestep_spacing", "leading", TimestepGrid.Spacings);
        _offset = options.Whole("steps_offset", 0, 0, TrainTimesteps);
        _finalBar = options.Flag("set_alpha_to_one", true) ? 1 : AlphaBars[0];
        _clip = SampleClip.Read(options, canClip: true);
        options.RefuseUnknown();
        if (Prediction == PredictionKind.Flow)
            throw options.Wrong("prediction_type", "flow_prediction", "epsilon, v_prediction or sample");
    }

    /// <summary>Whether x_0 is kept in [−1, 1], as pixel-space models want it.</summary>
    public bool ClipsToOne => _clip is { Clip: true, Threshold: false, Range: 1 };

    /// <summary>Whether x_0 is kept in another range.</summary>
    public bool ClipsElsewhere => _clip is { Clip: true, Threshold: false, Range: not 1 };

    /// <inheritdoc/>
    public override void SetTimesteps(int steps, GridOptions? grid = null)
    {
        grid ??= GridOptions.None;
        grid.Allow(Options.ClassName, timesteps: true);
        _ownGrid = grid.Timesteps is not null;
        Timesteps = TimestepGrid.Custom(
            grid.Timesteps ?? TimestepGrid.Ancestral(_spacing, steps, TrainTimesteps, _offset), TrainTimesteps);
    }

    /// <inheritdoc/>
    public override bool NeedsNoise(int step, StepOptions options) => options.Eta > 0;

    /// <inheritdoc/>
    public override Tensor Step(
        Tensor modelOutput, int step, Tensor sample, Tensor? noise = null, StepOptions? options = null)
    {
        options ??= StepOptions.Default;
        using var scope = NewDisposeScope();
        var t = (int)Timesteps[step];
        var previousT = !_ownGrid ? t - (TrainTimesteps / Timesteps.Count)
            : step + 1 < Timesteps.Count ? (int)Timesteps[step + 1] : -1;
        var bar = AlphaBars[t];
        var barPrevious = previousT >= 0 ? AlphaBars[previousT] : _finalBar;
        double alpha = Math.Sqrt(bar), sigma = Math.Sqrt(1 - bar);

        var epsilon = Prediction.Noise(modelOutput, sample, alpha, sigma);
        var clean = _clip.Apply(Prediction.Clean(modelOutput, sample, alpha, sigma));
        if (options.UseClippedModelOutput)
            epsilon = (sample - (clean * alpha)) / sigma;
        var deviation = options.Eta * Math.Sqrt((1 - barPrevious) / (1 - bar) * (1 - (bar / barPrevious)));
        var direction = Math.Sqrt(1 - barPrevious - (deviation * deviation));
        var previous = (clean * Math.Sqrt(barPrevious)) + (epsilon * direction);
        if (options.Eta > 0)
            previous += deviation
                * (noise ?? throw new ArgumentNullException(nameof(noise),
                    "DDIM with eta above 0 adds noise at every step."));

        return previous.MoveToOuterDisposeScope();
    }
}
