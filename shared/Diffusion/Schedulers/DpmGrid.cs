namespace Mlops.Diffusion.Schedulers;

/// <summary>Which timesteps and noise levels DPM-Solver visits.</summary>
public sealed class DpmGrid
{
    private readonly NoiseSchedule _schedule;
    private readonly double[] _trainSigmas;
    private readonly string _className;
    private readonly string _spacing;
    private readonly string _respacing;
    private readonly bool _round;
    private readonly bool _lu;
    private readonly bool _dynamicShift;
    private readonly double _flowShift;
    private readonly bool _finalSigmaMin;
    private readonly int _offset;
    private readonly int _last;

    /// <summary>Reads the options of the grid.</summary>
    public DpmGrid(SchedulerOptions options, NoiseSchedule schedule)
    {
        _schedule = schedule;
        _trainSigmas = schedule.Sigmas();
        _className = options.ClassName;
        _spacing = options.Choice("timestep_spacing", "linspace", TimestepGrid.Spacings);
        _respacing = SigmaGrid.ReadRespacing(options);
        _lu = options.Flag("use_lu_lambdas", false);
        Flow = options.Flag("use_flow_sigmas", false);
        _flowShift = options.Number("flow_shift", 1);
        _dynamicShift = options.Flag("use_dynamic_shifting", false);
        options.Choice("time_shift_type", "exponential", "exponential");
        _finalSigmaMin = options.Choice("final_sigmas_type", "zero", "zero", "sigma_min") == "sigma_min";
        _offset = options.Whole("steps_offset", 0, 0, schedule.Count);
        _round = options.Text("beta_schedule", "linear") != "squaredcos_cap_v2";
        var smallest = options.Number("lambda_min_clipped", double.NegativeInfinity);
        _last = schedule.Count - schedule.SolverAlphaBars().Count(
            bar => DpmUpdate.Lambda(Math.Sqrt(bar), Math.Sqrt(1 - bar)) < smallest);
        if ((_respacing != "none" ? 1 : 0) + (_lu ? 1 : 0) + (Flow ? 1 : 0) > 1)
            throw new ArgumentException(
                $"scheduler_config.json: {_className} takes only one of use_{_respacing}_sigmas, use_lu_lambdas and "
                + "use_flow_sigmas; keep one.");
    }

    /// <summary>Whether σ is the time of a straight path (α = 1 − σ) instead of √((1−ᾱ)/ᾱ).</summary>
    public bool Flow { get; }

    /// <summary>Whether the last noise level is zero.</summary>
    public bool EndsAtZero => !_finalSigmaMin;

    /// <summary>Timesteps (whole numbers) and noise levels (one more).</summary>
    public (double[] Timesteps, double[] Sigmas) Lay(int steps, GridOptions grid)
    {
        grid.Allow(_className, timesteps: _respacing == "none" && !_lu && !Flow, mu: _dynamicShift);
        var timesteps = grid.Timesteps is not null
            ? TimestepGrid.Custom(grid.Timesteps, _schedule.Count)
            : TimestepGrid.Solver(_spacing, steps, _schedule.Count, _last, _offset);
        double[] sigmas;
        if (Flow)
        {
            sigmas = FlowSigmas(steps, grid.Mu is { } mu ? Math.Exp(mu) : _flowShift);
            timesteps = Array.ConvertAll(sigmas, sigma => sigma * _schedule.Count);
        }
        else if (_respacing == "none" && !_lu)
            sigmas = SigmaGrid.At(_trainSigmas, timesteps);
        else
        {
            sigmas = SigmaGrid.Respace(_lu ? "exponential" : _respacing, _trainSigmas[^1], _trainSigmas[0], steps);
            var logSigmas = Array.ConvertAll(_trainSigmas, Math.Log);
            timesteps = Array.ConvertAll(sigmas, sigma => SigmaGrid.TimestepOf(sigma, logSigmas));
            if (_round && (_lu || _respacing == "karras"))
                timesteps = Array.ConvertAll(timesteps, Math.Round);
        }

        var last = _finalSigmaMin ? _trainSigmas[0] : 0;
        return (
            Array.ConvertAll(timesteps, Math.Truncate),
            Array.ConvertAll([.. sigmas, last], sigma => (double)(float)sigma));
    }

    /// <summary>α and σ of the state at a noise level.</summary>
    public (double Alpha, double Sigma) Split(double sigma)
    {
        if (Flow)
            return (1 - sigma, sigma);
        var alpha = 1 / Math.Sqrt((sigma * sigma) + 1);
        return (alpha, sigma * alpha);
    }

    /// <summary>The noise level of a native timestep.</summary>
    public double TrainSigma(int t) => _trainSigmas[t];

    private double[] FlowSigmas(int steps, double shift)
    {
        var sigmas = Array.ConvertAll(
            TimestepGrid.Linspace(1, 1.0 / _schedule.Count, steps + 1),
            alpha => shift * (1 - alpha) / (1 + ((shift - 1) * (1 - alpha))));
        Array.Reverse(sigmas);
        return sigmas[..steps];
    }
}
