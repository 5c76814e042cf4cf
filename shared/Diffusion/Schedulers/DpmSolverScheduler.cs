using static TorchSharp.torch;

namespace Mlops.Diffusion.Schedulers;

/// <summary>Multistep DPM-Solver and DPM-Solver++ of orders 1 to 3 (Lu et al. 2022a, 2022b), ODE and SDE. Keeps the
/// last predictions between steps and lets go of them at the last step or at <see cref="SetTimesteps"/>.</summary>
public sealed class DpmSolverScheduler : NoiseScheduler
{
    private readonly DpmVariant _variant;
    private readonly DpmGrid _grid;
    private readonly SampleClip _clip;
    private readonly int _order;
    private readonly bool _lowerOrderFinal;
    private readonly bool _eulerAtFinal;
    private readonly bool _learnedVariance;
    private readonly List<Tensor> _history = [];

    /// <summary>Reads and checks every option of the class.</summary>
    public DpmSolverScheduler(SchedulerOptions options)
        : base(options, Predictions.Read(options), NoiseSchedule.Read(options))
    {
        _grid = new DpmGrid(options, base.Schedule!);
        _order = options.Whole("solver_order", 2, 1, 3);
        // The last three names are other libraries' for the same solvers.
        var algorithm = options.Choice(
            "algorithm_type", "dpmsolver++", "dpmsolver++", "sde-dpmsolver++", "dpmsolver", "sde-dpmsolver", "deis");
        var solver = options.Choice("solver_type", "midpoint", "midpoint", "heun", "logrho", "bh1", "bh2");
        _variant = new DpmVariant(
            algorithm.EndsWith("++", StringComparison.Ordinal) || algorithm == "deis",
            algorithm.StartsWith("sde", StringComparison.Ordinal),
            solver == "heun");
        _lowerOrderFinal = options.Flag("lower_order_final", true);
        _eulerAtFinal = options.Flag("euler_at_final", false);
        _learnedVariance = options.Text("variance_type", "") is "learned" or "learned_range";
        _clip = SampleClip.Read(options, canClip: false);
        options.RefuseUnknown();
        if (!_variant.DataPrediction && _grid.EndsAtZero)
            throw options.Wrong("final_sigmas_type", "zero", $"sigma_min, because algorithm_type is {algorithm}");
        if (algorithm == "sde-dpmsolver" && _order == 3)
            throw options.Wrong("solver_order", 3, "1 or 2, because algorithm_type is sde-dpmsolver");
        if (Prediction == PredictionKind.Flow != _grid.Flow)
            throw options.Wrong(
                "prediction_type", options.Text("prediction_type", "epsilon"),
                "flow_prediction exactly with use_flow_sigmas");
    }

    /// <inheritdoc/>
    public override NoiseSchedule? Schedule => _grid.Flow ? null : base.Schedule;

    /// <inheritdoc/>
    public override void SetTimesteps(int steps, GridOptions? grid = null)
    {
        (Timesteps, Sigmas) = _grid.Lay(steps, grid ?? GridOptions.None);
        Forget();
    }

    /// <inheritdoc/>
    public override NoiseLevel LevelOf(int step)
    {
        var (alpha, sigma) = _grid.Split(Sigmas[step]);
        return new NoiseLevel(alpha, sigma);
    }

    /// <inheritdoc/>
    public override int History => _order - 1;

    /// <inheritdoc/>
    public override bool NeedsNoise(int step, StepOptions options) => _variant.Stochastic;

    /// <inheritdoc/>
    public override Tensor Step(
        Tensor modelOutput, int step, Tensor sample, Tensor? noise = null, StepOptions? options = null)
    {
        using var scope = NewDisposeScope();
        if (step == 0)
            Forget();
        var (alphaS, sigmaS) = _grid.Split(Sigmas[step]);
        var (alphaT, sigmaT) = _grid.Split(Sigmas[step + 1]);
        _history.Add(Convert(modelOutput, sample, alphaS, sigmaS).DetachFromDisposeScope());
        if (_history.Count > _order)
        {
            _history[0].Dispose();
            _history.RemoveAt(0);
        }

        // A re-spaced grid may end with the same level twice; a step of no length has no differences.
        var order = sigmaT == sigmaS ? 1 : Math.Min(OrderAt(step), _history.Count);
        var update = DpmUpdate.Of(_variant, order, alphaS, sigmaS, alphaT, sigmaT);
        var next = (sample * update.X) + (_history[^1] * update.D0);
        if (order > 1)
            next += Differences(step, order, update);
        if (_variant.Stochastic)
            next += update.Noise
                * (noise ?? throw new ArgumentNullException(nameof(noise), "the SDE solver adds noise at every step."));
        if (step == Timesteps.Count - 1)
            Forget();

        return next.MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor AddNoise(Tensor clean, Tensor noise, Tensor timesteps)
    {
        // Before a grid is laid the reference library pairs falling timesteps with rising noise levels; kept for
        // parity.
        var levels = Array.ConvertAll(timesteps.Doubles(), t => _grid.Split(Timesteps.Count == 0
            ? _grid.TrainSigma(TrainTimesteps - 1 - (int)t)
            : Sigmas[GridIndex.Of(Timesteps, t) ?? Timesteps.Count - 1]));
        return Forward.Mix(
            clean,
            noise,
            Array.ConvertAll(levels, level => level.Alpha),
            Array.ConvertAll(levels, level => level.Sigma));
    }

    // Few steps are stabilised by falling back to lower orders at the end; σ = 0 allows order 1 only.
    private int OrderAt(int step)
    {
        var few = _lowerOrderFinal && Timesteps.Count < 15;
        if (step == Timesteps.Count - 1 && (_eulerAtFinal || few || _grid.EndsAtZero))
            return 1;

        return step == Timesteps.Count - 2 && few ? Math.Min(_order, 2) : _order;
    }

    private Tensor Convert(Tensor output, Tensor sample, double alpha, double sigma)
    {
        var mean = _learnedVariance ? output.narrow(1, 0, sample.shape[1]) : output;
        if (_variant.DataPrediction)
            return _clip.Apply(Prediction.Clean(mean, sample, alpha, sigma));
        if (!_clip.Threshold)
            return Prediction.Noise(mean, sample, alpha, sigma);

        return (sample - (_clip.Apply(Prediction.Clean(mean, sample, alpha, sigma)) * alpha)) / sigma;
    }

    private Tensor Differences(int step, int order, DpmUpdate update)
    {
        double[] lambdas = [.. Enumerable.Range(0, order + 1).Select(back =>
        {
            var (alpha, sigma) = _grid.Split(Sigmas[step + 1 - back]);
            return DpmUpdate.Lambda(alpha, sigma);
        })];
        var h = lambdas[0] - lambdas[1];
        var r0 = (lambdas[1] - lambdas[2]) / h;
        var d10 = (_history[^1] - _history[^2]) / r0;
        if (order == 2)
            return d10 * update.D1;

        var r1 = (lambdas[2] - lambdas[3]) / h;
        var d11 = (_history[^2] - _history[^3]) / r1;
        var d1 = d10 + ((d10 - d11) * (r0 / (r0 + r1)));
        var d2 = (d10 - d11) / (r0 + r1);

        return (d1 * update.D1) + (d2 * update.D2);
    }

    private void Forget()
    {
        foreach (var prediction in _history)
            prediction.Dispose();
        _history.Clear();
    }
}
