using Mlops.Diffusion;
using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>Fits the factors of all steps of a table at once. The final sample is nearly linear in them, so that damped
/// Gauss-Newton (Levenberg 1944, Marquardt 1963) goes where moves of one factor at a time only creep.</summary>
public static class FactorFit
{
    private const int Rounds = 4;

    // A round that gains less was the last.
    private const double Enough = 0.95;

    // Of the finite difference: large against the rounding of float32, small against the curve.
    private const double Nudge = 0.05;

    // Decimals of a fitted factor; what comes after them moves no sample.
    private const int Decimals = 3;

    private static readonly double[] Dampings = [1e-3, 3e-2, 1];

    /// <summary>A table with the same runs whose samples are nearer to the target, or the one that was given.</summary>
    /// <param name="sample">Samples [P, …] under a table; they belong to the callee, until its next call.</param>
    /// <param name="target">What they should be [P, …].</param>
    /// <param name="done">Told the share of the rounds that are behind, in [0, 1]; the last ones may not come.</param>
    public static IReadOnlyList<StepAction> Fit(
        IReadOnlyList<StepAction> actions, Func<IReadOnlyList<StepAction>, Tensor> sample, Tensor target,
        Action<double>? done = null)
    {
        var factors = Factors(actions).ToList();
        if (factors.Count == 0)
            return actions;
        using var noGrad = no_grad();
        var (loss, before) = (RelativeError.Mean(sample(actions), target), double.PositiveInfinity);
        for (var round = 0; round < Rounds && double.IsFinite(loss) && loss < before * Enough; round++)
        {
            before = loss;
            var behind = round;
            (actions, loss) = Improved(
                actions, loss, factors, sample, target, part => done?.Invoke((behind + part) / Rounds));
        }

        return actions;
    }

    private static (IReadOnlyList<StepAction> Actions, double Loss) Improved(
        IReadOnlyList<StepAction> actions, double loss, IReadOnlyList<Factor> factors,
        Func<IReadOnlyList<StepAction>, Tensor> sample, Tensor target, Action<double> done)
    {
        using var scope = NewDisposeScope();
        var (normal, right) = Linearized(actions, factors, sample, target, done);
        if (!isfinite(normal).all().item<bool>())
            return (actions, loss);
        var best = (Actions: actions, Loss: loss);
        var now = factors.Select(factor => factor.Of(actions)).ToArray();
        foreach (var damping in Dampings)
        {
            // A factor of no effect has a zero on the diagonal and stays where it is.
            var damped = normal + diag((normal.diag() * damping) + 1e-12);
            var moved = With(actions, factors, Minimum(damped, right, now));
            if (RelativeError.Mean(sample(moved), target) is var found && found < best.Loss)
                best = (moved, found);
        }

        return best;
    }

    // Where the quadratic model is least, kept within the limits: a factor that would leave them stays at its limit,
    // even if the others, solved for again, would have it back.
    private static double[] Minimum(Tensor normal, Tensor right, double[] now)
    {
        var found = now.ToArray();
        var free = Enumerable.Range(0, now.Length).ToArray();
        while (free.Length > 0)
        {
            var index = tensor(free.Select(each => (long)each).ToArray(), device: right.device);
            var held = tensor(found.Zip(now, (to, from) => to - from).ToArray(), device: right.device)
                .index_fill(0, index, 0);
            var solved = linalg.solve(
                normal.index_select(0, index).index_select(1, index),
                (right - normal.mv(held)).index_select(0, index)).Doubles();
            foreach (var (factor, change) in free.Zip(solved))
                found[factor] = Math.Clamp(now[factor] + change, -StepTable.MaxBeta, StepTable.MaxBeta);
            var within = free.Where(factor => Math.Abs(found[factor]) < StepTable.MaxBeta).ToArray();
            if (within.Length == free.Length)
                break;
            free = within;
        }

        return found;
    }

    // JᵀJ [F, F] and Jᵀr [F], with J the change of the final samples by each factor and r what they lack.
    private static (Tensor Normal, Tensor Right) Linearized(
        IReadOnlyList<StepAction> actions, IReadOnlyList<Factor> factors,
        Func<IReadOnlyList<StepAction>, Tensor> sample, Tensor target, Action<double> done)
    {
        var now = sample(actions).to(float64, copy: true);
        var columns = stack([.. factors.Select(Column)], 0);
        return (columns.mm(columns.t()), columns.mv((target.to(float64) - now).flatten()));

        Tensor Column(Factor factor, int index)
        {
            done((double)index / factors.Count);
            var changed = actions.ToArray();
            factor.Set(changed, factor.Of(changed) + Nudge);
            return (sample(changed).to(float64) - now).flatten() / Nudge;
        }
    }

    private static StepAction[] With(
        IReadOnlyList<StepAction> actions, IReadOnlyList<Factor> factors, double[] values)
    {
        var changed = actions.ToArray();
        foreach (var (factor, value) in factors.Zip(values))
            factor.Set(changed, Math.Round(value, Decimals));
        return changed;
    }

    // From the last step on: a trajectory is followed only from where a table differs. Only where three steps have run
    // do forecasts have a curve; what of layers is carried on has none.
    private static IEnumerable<Factor> Factors(IReadOnlyList<StepAction> actions)
    {
        for (var step = actions.Count - 1; step >= 0; step--)
        {
            if (actions[step] is not StepAction.Run)
                yield return new(step, IsGamma: false);
            var runs = actions.Take(step).Count(action => action is StepAction.Run);
            if (actions[step] is StepAction.Forecast && runs >= 3)
                yield return new(step, IsGamma: true);
        }
    }

    private readonly record struct Factor(int Step, bool IsGamma)
    {
        public double Of(IReadOnlyList<StepAction> actions) => actions[Step] switch
        {
            StepAction.Forecast forecast => IsGamma ? forecast.Gamma : forecast.Beta,
            StepAction.Partial carried => carried.Beta,
            var action => throw new InvalidOperationException($"{action} has no factor"),
        };

        public void Set(StepAction[] actions, double value) => actions[Step] = actions[Step] switch
        {
            StepAction.Forecast forecast when IsGamma => forecast with { Gamma = value },
            StepAction.Forecast forecast => forecast with { Beta = value },
            StepAction.Partial carried => carried with { Beta = value },
            var action => throw new InvalidOperationException($"{action} has no factor"),
        };
    }
}
