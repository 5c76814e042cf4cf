using Mlops.Diffusion;
using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>Fits the factors of all steps of a table at once, first every β, then γ with them. The final sample is
/// nearly linear in them, so that damped Gauss-Newton (Levenberg 1944, Marquardt 1963) goes where moves of one factor
/// at a time only creep.</summary>
public static class FactorFit
{
    // Of each kind of factors.
    private const int Rounds = 2;

    // A round that gains less was the last.
    private const double Enough = 0.95;

    // Of the finite difference: large against the rounding of float32, small against the curve.
    private const double Nudge = 0.05;

    private const double Largest = 2;

    // Decimals of a fitted factor; what comes after them moves no sample.
    private const int Decimals = 3;

    private static readonly double[] Dampings = [1e-3, 3e-2, 1];

    /// <summary>A table with the same runs whose samples are nearer to the target, or the one that was given.</summary>
    /// <param name="sample">Samples [P, …] under a table; they belong to the callee, until its next call.</param>
    /// <param name="target">What they should be [P, …].</param>
    public static IReadOnlyList<StepAction> Fit(
        IReadOnlyList<StepAction> actions, Func<IReadOnlyList<StepAction>, Tensor> sample, Tensor target)
    {
        var factors = Factors(actions).ToList();
        if (factors.Count == 0)
            return actions;
        using var noGrad = no_grad();
        var betas = factors.FindAll(factor => !factor.IsGamma);
        var loss = RelativeError.Mean(sample(actions), target);
        foreach (var fitted in betas.Count == factors.Count ? [betas] : (List<Factor>[])[betas, factors])
        {
            var before = double.PositiveInfinity;
            for (var round = 0; round < Rounds && double.IsFinite(loss) && loss < before * Enough; round++)
            {
                before = loss;
                (actions, loss) = Improved(actions, loss, fitted, sample, target);
            }
        }

        return actions;
    }

    private static (IReadOnlyList<StepAction> Actions, double Loss) Improved(
        IReadOnlyList<StepAction> actions, double loss, IReadOnlyList<Factor> factors,
        Func<IReadOnlyList<StepAction>, Tensor> sample, Tensor target)
    {
        using var scope = NewDisposeScope();
        var (normal, right) = Linearized(actions, factors, sample, target);
        if (!isfinite(normal).all().item<bool>())
            return (actions, loss);
        var best = (Actions: actions, Loss: loss);
        foreach (var damping in Dampings)
        {
            // A factor of no effect has a zero on the diagonal and stays where it is.
            var damped = normal + diag((normal.diag() * damping) + 1e-12);
            using var solved = linalg.solve(damped, right);
            var moved = Moved(actions, factors, solved.Doubles());
            if (RelativeError.Mean(sample(moved), target) is var found && found < best.Loss)
                best = (moved, found);
        }

        return best;
    }

    // JᵀJ [F, F] and Jᵀr [F], with J the change of the final samples by each factor and r what they lack.
    private static (Tensor Normal, Tensor Right) Linearized(
        IReadOnlyList<StepAction> actions, IReadOnlyList<Factor> factors,
        Func<IReadOnlyList<StepAction>, Tensor> sample, Tensor target)
    {
        var now = sample(actions).to(float64, copy: true);
        var columns = stack([.. factors.Select(Column)], 0);
        return (columns.mm(columns.t()), columns.mv((target.to(float64) - now).flatten()));

        Tensor Column(Factor factor)
        {
            var changed = actions.ToArray();
            factor.Set(changed, factor.Of(changed) + Nudge);
            return (sample(changed).to(float64) - now).flatten() / Nudge;
        }
    }

    private static StepAction[] Moved(
        IReadOnlyList<StepAction> actions, IReadOnlyList<Factor> factors, double[] by)
    {
        var moved = actions.ToArray();
        foreach (var (factor, change) in factors.Zip(by))
            factor.Set(moved, Math.Round(Math.Clamp(factor.Of(moved) + change, -Largest, Largest), Decimals));
        return moved;
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
