using static TorchSharp.torch;

namespace Mlops.Diffusion.Schedulers;

/// <summary>Implicit sampling of Song et al. 2020, equations 12 and 16. The previous timestep lies T / steps
/// below.</summary>
public sealed class DdimScheduler : INoiseScheduler
{
    private readonly string _spacing;
    private readonly int _offset;
    private readonly float _finalBar;
    private readonly SampleClip _clip;
    private readonly BetaTable _table;
    private double[] _timesteps = [];

    /// <summary>Reads and checks every option of the class.</summary>
    public DdimScheduler(SchedulerOptions options)
    {
        Options = options;
        _table = BetaTable.Read(options);
        Prediction = Predictions.Read(options);
        _spacing = options.Choice("timestep_spacing", "leading", TimestepGrid.Spacings);
        _offset = options.Whole("steps_offset", 0, 0, _table.Count);
        _finalBar = options.Flag("set_alpha_to_one", true) ? 1 : _table.AlphaBars[0];
        _clip = SampleClip.Read(options, canClip: true);
        options.RefuseUnknown();
        if (Prediction == PredictionKind.Flow)
            throw options.Wrong("prediction_type", "flow_prediction", "epsilon, v_prediction or sample");
    }

    /// <inheritdoc/>
    public SchedulerOptions Options { get; }

    /// <inheritdoc/>
    public PredictionKind Prediction { get; }

    /// <inheritdoc/>
    public int TrainTimesteps => _table.Count;

    /// <inheritdoc/>
    public BetaTable Table => _table;

    /// <inheritdoc/>
    public IReadOnlyList<double> Timesteps => _timesteps;

    /// <inheritdoc/>
    public IReadOnlyList<double> Sigmas => [];

    /// <inheritdoc/>
    public double InitNoiseSigma => 1;

    /// <inheritdoc/>
    public bool WholeTimesteps => true;

    /// <summary>Whether x_0 is kept in [−1, 1], as pixel-space models want it.</summary>
    public bool ClipsToOne => _clip is { Clip: true, Threshold: false, Range: 1 };

    /// <inheritdoc/>
    public void SetTimesteps(int steps, GridOptions? grid = null)
    {
        (grid ?? GridOptions.None).Allow(Options.ClassName);
        _timesteps = TimestepGrid.Custom(
            TimestepGrid.Ancestral(_spacing, steps, _table.Count, _offset), _table.Count);
    }

    /// <inheritdoc/>
    public long NativeTimestep(int step) => (long)_timesteps[step];

    /// <inheritdoc/>
    public Tensor ScaleModelInput(Tensor sample, int step) => sample.alias();

    /// <inheritdoc/>
    public bool NeedsNoise(int step, StepOptions options) => options.Eta > 0;

    /// <inheritdoc/>
    public Tensor Step(Tensor modelOutput, int step, Tensor sample, Tensor? noise = null, StepOptions? options = null)
    {
        options ??= StepOptions.Default;
        using var scope = NewDisposeScope();
        var t = (int)_timesteps[step];
        var previousT = t - (_table.Count / _timesteps.Length);
        var bar = _table.AlphaBars[t];
        var barPrevious = previousT >= 0 ? _table.AlphaBars[previousT] : _finalBar;
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

    /// <inheritdoc/>
    public Tensor AddNoise(Tensor clean, Tensor noise, Tensor timesteps) =>
        Forward.Noised(_table, clean, noise, timesteps);
}
