using static TorchSharp.torch;

namespace Mlops.Diffusion.Schedulers;

/// <summary>Euler's method on dx/ds = v for the straight path x_s = (1−s)·x_0 + s·ε (Lipman et al. 2022; Esser et al.
/// 2024, section 5.3.2 for the shift). The model is called with T·s.</summary>
public sealed class FlowMatchEulerScheduler : NoiseScheduler
{
    private readonly double _shift;
    private readonly bool _dynamic;
    private readonly bool _linearShift;
    private readonly bool _invert;
    private readonly bool _stochastic;
    private readonly double? _terminal;
    private readonly string _respacing;
    private readonly double[] _trainSigmas;

    /// <summary>Reads and checks every option of the class.</summary>
    public FlowMatchEulerScheduler(SchedulerOptions options)
        : base(options, PredictionKind.Flow, schedule: null)
    {
        _shift = options.Number("shift", 1);
        _dynamic = options.Flag("use_dynamic_shifting", false);
        _linearShift = options.Choice("time_shift_type", "exponential", "exponential", "linear") == "linear";
        _invert = options.Flag("invert_sigmas", false);
        _stochastic = options.Flag("stochastic_sampling", false);
        _terminal = options.NumberOrNull("shift_terminal") is { } terminal and not 0 ? terminal : null;
        _respacing = SigmaGrid.ReadRespacing(options);
        // A pipeline turns these into mu; the scheduler only carries them.
        foreach (var (key, fallback) in new[] { ("base_shift", 0.5), ("max_shift", 1.15) })
            options.NumberOrNull(key, fallback);
        foreach (var (key, fallback) in new[] { ("base_image_seq_len", 256), ("max_image_seq_len", 4096) })
            options.NumberOrNull(key, fallback);
        options.RefuseUnknown();
        _trainSigmas = new double[TrainTimesteps];
        for (var i = 0; i < TrainTimesteps; i++)
            _trainSigmas[i] = (float)Shift((double)(TrainTimesteps - i) / TrainTimesteps);
    }

    /// <summary>The shifted training table, from s = 1 downwards.</summary>
    public IReadOnlyList<double> TrainSigmas => _trainSigmas;

    /// <inheritdoc/>
    public override bool WholeTimesteps => false;

    /// <inheritdoc/>
    public override void SetTimesteps(int steps, GridOptions? grid = null)
    {
        grid ??= GridOptions.None;
        grid.Allow(Options.ClassName, sigmas: true, mu: _dynamic);
        if (_dynamic && grid.Mu is null)
            throw new ArgumentException(
                $"{Options.ClassName} with use_dynamic_shifting needs mu for its sampling grid; pass it.");
        if (steps < 1 && grid.Sigmas is null)
            throw new ArgumentOutOfRangeException(nameof(steps), steps, "sampling steps must be at least 1.");

        // The end points come from the table that is shifted already, so a fixed shift acts twice, as in the reference.
        var sigmas = grid.Sigmas?.ToArray()
            ?? TimestepGrid.Linspace(1, _dynamic ? 1.0 / TrainTimesteps : _trainSigmas[^1], steps);
        sigmas = Array.ConvertAll(sigmas, s => grid.Mu is { } mu ? TimeShift(mu, s) : Shift(s));
        if (_terminal is { } terminal)
        {
            var stretch = (1 - sigmas[^1]) / (1 - terminal);
            sigmas = Array.ConvertAll(sigmas, s => 1 - ((1 - s) / stretch));
        }

        if (_respacing != "none")
            sigmas = SigmaGrid.Respace(_respacing, sigmas[0], sigmas[^1], sigmas.Length);
        if (_invert)
            sigmas = Array.ConvertAll(sigmas, s => 1 - s);
        Timesteps = Array.ConvertAll(sigmas, s => (double)((float)s * TrainTimesteps));
        Sigmas = Array.ConvertAll([.. sigmas, _invert ? 1 : 0], s => (double)(float)s);
    }

    /// <inheritdoc/>
    /// <remarks>The class shifts noise levels that it is given, so that these are shifted back.</remarks>
    public override GridOptions? GridOf(IReadOnlyList<int>? timesteps)
    {
        if (timesteps is null)
            return null;
        if (_dynamic || _invert || _terminal is not null || _respacing != "none")
            throw new ArgumentException(
                $"{Options.ClassName} makes its own noise levels here; leave use_dynamic_shifting, invert_sigmas, "
                + "shift_terminal and re-spaced sigmas out to give it timesteps");
        if (timesteps.FirstOrDefault(t => t < 1 || t > TrainTimesteps, 1) is var wrong && wrong != 1)
            throw new ArgumentException($"timesteps of {Options.ClassName} lie in [1, {TrainTimesteps}], not {wrong}");
        return new(Sigmas: [.. timesteps.Select(t => (double)t / TrainTimesteps).Select(
            s => s / (_shift - ((_shift - 1) * s)))]);
    }

    /// <inheritdoc/>
    public override long NativeTimestep(int step) => FlowTime.Native(Timesteps[step] / TrainTimesteps, TrainTimesteps);

    /// <inheritdoc/>
    public override NoiseLevel LevelOf(int step) => new(1 - Sigmas[step], Sigmas[step]);

    /// <inheritdoc/>
    public override bool NeedsNoise(int step, StepOptions options) => _stochastic;

    /// <inheritdoc/>
    public override Tensor Step(
        Tensor modelOutput, int step, Tensor sample, Tensor? noise = null, StepOptions? options = null)
    {
        double s = Sigmas[step], next = Sigmas[step + 1];
        using var scope = NewDisposeScope();
        if (!_stochastic)
            return (sample + (modelOutput * (next - s))).MoveToOuterDisposeScope();

        var fresh = noise ?? throw new ArgumentNullException(nameof(noise),
            "stochastic_sampling adds noise at every step.");
        return (((sample - (modelOutput * s)) * (1 - next)) + (fresh * next)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor AddNoise(Tensor clean, Tensor noise, Tensor timesteps)
    {
        var grid = Timesteps.Count > 0
            ? Timesteps
            : Array.ConvertAll(_trainSigmas, s => (double)((float)s * TrainTimesteps));
        var sigmas = Timesteps.Count > 0 ? Sigmas : _trainSigmas;
        var chosen = Array.ConvertAll(timesteps.Doubles(), t => sigmas[GridIndex.Of(grid, t)
            ?? throw new ArgumentException($"timestep {t} is not on the flow-matching grid.", nameof(timesteps))]);

        return Forward.Mix(clean, noise, Array.ConvertAll(chosen, s => 1 - s), chosen);
    }

    private double Shift(double s) => _shift * s / (1 + ((_shift - 1) * s));

    private double TimeShift(double mu, double s)
    {
        var weight = _linearShift ? mu : Math.Exp(mu);
        return weight / (weight + ((1 / s) - 1));
    }
}
