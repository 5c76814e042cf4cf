using Mlops.Diffusion;
using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>Fits the β of all steps of a table at once. The final sample is nearly linear in them, so that damped
/// Gauss-Newton (Levenberg 1944, Marquardt 1963) goes where moves of one β at a time only creep.</summary>
public static class BetaFit
{
    private const int Rounds = 2;

    // A round that gains less was the last.
    private const double Enough = 0.95;

    // Of the finite difference: large against the rounding of float32, small against the curve.
    private const double Nudge = 0.05;

    private const double LargestBeta = 2;

    // Decimals of a fitted β; what comes after them moves no sample.
    private const int Decimals = 3;

    private static readonly double[] Dampings = [1e-3, 3e-2, 1];

    /// <summary>A table with the same runs whose samples are nearer to the target, or the one that was given.</summary>
    /// <param name="sample">Samples [P, …] under a table; they belong to the callee, until its next call.</param>
    /// <param name="target">What they should be [P, …].</param>
    public static IReadOnlyList<StepAction> Fit(
        IReadOnlyList<StepAction> actions, Func<IReadOnlyList<StepAction>, Tensor> sample, Tensor target)
    {
        // From the last on: a trajectory is followed only from where a table differs.
        int[] steps =
            [.. Enumerable.Range(0, actions.Count).Where(step => BetaOf(actions[step]) is not null).Reverse()];
        if (steps.Length == 0)
            return actions;
        using var noGrad = no_grad();
        var loss = RelativeError.Mean(sample(actions), target);
        var before = double.PositiveInfinity;
        for (var round = 0; round < Rounds && double.IsFinite(loss) && loss < before * Enough; round++)
        {
            before = loss;
            (actions, loss) = Improved(actions, loss, steps, sample, target);
        }

        return actions;
    }

    private static (IReadOnlyList<StepAction> Actions, double Loss) Improved(
        IReadOnlyList<StepAction> actions, double loss, int[] steps,
        Func<IReadOnlyList<StepAction>, Tensor> sample, Tensor target)
    {
        using var scope = NewDisposeScope();
        var (normal, right) = Linearized(actions, steps, sample, target);
        if (!isfinite(normal).all().item<bool>())
            return (actions, loss);
        var best = (Actions: actions, Loss: loss);
        foreach (var damping in Dampings)
        {
            // A β of no effect has a zero on the diagonal and stays where it is.
            var damped = normal + diag((normal.diag() * damping) + 1e-12);
            using var solved = linalg.solve(damped, right);
            var moved = Moved(actions, steps, solved.Doubles());
            if (RelativeError.Mean(sample(moved), target) is var found && found < best.Loss)
                best = (moved, found);
        }

        return best;
    }

    // JᵀJ [B, B] and Jᵀr [B], with J the change of the final samples by each β and r what they lack.
    private static (Tensor Normal, Tensor Right) Linearized(
        IReadOnlyList<StepAction> actions, int[] steps, Func<IReadOnlyList<StepAction>, Tensor> sample, Tensor target)
    {
        var now = sample(actions).to(float64, copy: true);
        var columns = stack([.. steps.Select(step => Column(step))], 0);
        return (columns.mm(columns.t()), columns.mv((target.to(float64) - now).flatten()));

        Tensor Column(int step)
        {
            var changed = actions.ToArray();
            changed[step] = WithBeta(changed[step], BetaOf(changed[step])!.Value + Nudge);
            return (sample(changed).to(float64) - now).flatten() / Nudge;
        }
    }

    private static StepAction[] Moved(IReadOnlyList<StepAction> actions, int[] steps, double[] by)
    {
        var moved = actions.ToArray();
        foreach (var (step, change) in steps.Zip(by))
            moved[step] = WithBeta(moved[step], Math.Round(
                Math.Clamp(BetaOf(moved[step])!.Value + change, -LargestBeta, LargestBeta), Decimals));
        return moved;
    }

    private static double? BetaOf(StepAction action) => action switch
    {
        StepAction.Forecast forecast => forecast.Beta,
        StepAction.Partial carried => carried.Beta,
        _ => null,
    };

    private static StepAction WithBeta(StepAction action, double beta) => action switch
    {
        StepAction.Forecast forecast => forecast with { Beta = beta },
        StepAction.Partial carried => carried with { Beta = beta },
        _ => action,
    };
}
