using static TorchSharp.torch;

namespace Mlops.Diffusion.Schedulers;

/// <summary>Euler's method on the probability-flow ODE in σ (Karras
/// et al. 2022, algorithm 2 without the corrector).</summary>
public sealed class EulerScheduler : NoiseScheduler
{
    private readonly string _spacing;
    private readonly string _respacing;
    private readonly bool _logLinear;
    private readonly bool _continuous;
    private readonly bool _finalSigmaMin;
    private readonly int _offset;
    private readonly double? _sigmaMin;
    private readonly double? _sigmaMax;
    private readonly double[] _trainSigmas;

    /// <summary>Reads and checks every option of the class.</summary>
    public EulerScheduler(SchedulerOptions options)
        : base(options, Predictions.Read(options), NoiseSchedule.Read(options))
    {
        _trainSigmas = Schedule!.Sigmas();
        _spacing = options.Choice("timestep_spacing", "linspace", TimestepGrid.Spacings);
        _logLinear = options.Choice("interpolation_type", "linear", "linear", "log_linear") == "log_linear";
        _continuous = options.Choice("timestep_type", "discrete", "discrete", "continuous") == "continuous"
            && Prediction == PredictionKind.Velocity;
        _finalSigmaMin = options.Choice("final_sigmas_type", "zero", "zero", "sigma_min") == "sigma_min";
        _offset = options.Whole("steps_offset", 0, 0, TrainTimesteps);
        _sigmaMin = options.NumberOrNull("sigma_min");
        _sigmaMax = options.NumberOrNull("sigma_max");
        _respacing = SigmaGrid.ReadRespacing(options);
        options.RefuseUnknown();
        if (Prediction == PredictionKind.Flow)
            throw options.Wrong("prediction_type", "flow_prediction", "epsilon, v_prediction or sample");
    }

    /// <inheritdoc/>
    public override bool WholeTimesteps => false;

    /// <inheritdoc/>
    public override double InitNoiseSigma
    {
        get
        {
            var largest = Sigmas.Count > 0 ? Sigmas.Max() : _trainSigmas[^1];
            return _spacing == "leading" ? Math.Sqrt((largest * largest) + 1) : largest;
        }
    }

    /// <inheritdoc/>
    public override void SetTimesteps(int steps, GridOptions? grid = null)
    {
        grid ??= GridOptions.None;
        grid.Allow(Options.ClassName, timesteps: _respacing == "none" && !_continuous, sigmas: true);
        var logSigmas = Array.ConvertAll(_trainSigmas, Math.Log);
        // Own noise levels come with the last one.
        var (timesteps, sigmas) = grid.Sigmas is { Count: > 1 } own
            ? (Array.ConvertAll(own.ToArray()[..^1], sigma => SigmaGrid.TimestepOf(sigma, logSigmas)), own.ToArray())
            : Lay(steps, grid, logSigmas);
        var levels = Array.ConvertAll(sigmas, sigma => (double)(float)sigma);
        Sigmas = levels;
        if (_continuous)
            timesteps = Array.ConvertAll(levels[..^1], sigma => 0.25 * Math.Log(sigma));
        Timesteps = Array.ConvertAll(timesteps, t => (double)(float)t);
    }

    /// <inheritdoc/>
    public override long NativeTimestep(int step)
    {
        var t = _continuous
            ? SigmaGrid.TimestepOf(Sigmas[step], Array.ConvertAll(_trainSigmas, Math.Log))
            : Timesteps[step];
        return Math.Clamp((long)Math.Round(t), 0, TrainTimesteps - 1);
    }

    /// <inheritdoc/>
    public override Tensor ScaleModelInput(Tensor sample, int step) =>
        sample / Math.Sqrt((Sigmas[step] * Sigmas[step]) + 1);

    /// <inheritdoc/>
    public override bool NeedsNoise(int step, StepOptions options) => Gamma(step, options) > 0;

    /// <inheritdoc/>
    public override Tensor Step(
        Tensor modelOutput, int step, Tensor sample, Tensor? noise = null, StepOptions? options = null)
    {
        options ??= StepOptions.Default;
        using var scope = NewDisposeScope();
        double sigma = Sigmas[step], gamma = Gamma(step, options), sigmaHat = sigma * (1 + gamma);
        var x = sample;
        if (gamma > 0)
            x += (noise ?? throw new ArgumentNullException(nameof(noise), "Euler with churn adds noise at this step."))
                * (options.SNoise * Math.Sqrt((sigmaHat * sigmaHat) - (sigma * sigma)));

        // The state is x_0 + σ·ε; v was predicted for the scaled input at σ, not at σ̂.
        var clean = Prediction switch
        {
            PredictionKind.Epsilon => x - (modelOutput * sigmaHat),
            PredictionKind.Sample => modelOutput,
            _ => (modelOutput * (-sigma / Math.Sqrt((sigma * sigma) + 1))) + (x / ((sigma * sigma) + 1)),
        };
        var derivative = (x - clean) / sigmaHat;

        return (x + (derivative * (Sigmas[step + 1] - sigmaHat))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor AddNoise(Tensor clean, Tensor noise, Tensor timesteps)
    {
        var sigmas = Array.ConvertAll(timesteps.Doubles(), t => Timesteps.Count == 0
            ? _trainSigmas[(int)t]
            : Sigmas[GridIndex.Of(Timesteps, t)
                ?? throw new ArgumentException($"timestep {t} is not on Euler's current grid.", nameof(timesteps))]);
        return Forward.Mix(clean, noise, Array.ConvertAll(sigmas, _ => 1.0), sigmas);
    }

    private (double[] Timesteps, double[] Sigmas) Lay(int steps, GridOptions grid, double[] logSigmas)
    {
        var timesteps = grid.Timesteps is not null
            ? TimestepGrid.Custom(grid.Timesteps, TrainTimesteps)
            : TimestepGrid.Euler(_spacing, steps, TrainTimesteps, _offset);
        var sigmas = _logLinear
            ? SigmaGrid.Exponential(_trainSigmas[^1], _trainSigmas[0], timesteps.Length + 1)
            : SigmaGrid.At(_trainSigmas, timesteps);
        if (_respacing != "none")
        {
            sigmas = SigmaGrid.Respace(_respacing, _sigmaMax ?? sigmas[0], _sigmaMin ?? sigmas[^1], timesteps.Length);
            timesteps = Array.ConvertAll(sigmas, sigma => SigmaGrid.TimestepOf(sigma, logSigmas));
        }

        return (timesteps, [.. sigmas, _finalSigmaMin ? _trainSigmas[0] : 0]);
    }

    private double Gamma(int step, StepOptions options) =>
        Sigmas[step] >= options.STmin && Sigmas[step] <= options.STmax
            ? Math.Min(options.SChurn / (Sigmas.Count - 1), Math.Sqrt(2) - 1)
            : 0;
}
