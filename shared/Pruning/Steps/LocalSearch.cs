namespace Mlops.Pruning.Steps;

/// <summary>Improves a table by small moves, each judged by the true loss of the whole table: exchange a run with its
/// neighbor, run another network, change what a step carries on, move its β. One step of the table at a time, so that a
/// search that was stopped goes on where it was.</summary>
public static class LocalSearch
{
    // Sweeps over the table; a third finds next to nothing.
    private const int Rounds = 2;

    // A smaller gain on the probes is as likely to be a loss on others.
    private const double Enough = 0.997;
    private const double BetaStep = 0.25;

    // Less than a table's: what is to be gained further out is found where all factors are fitted together.
    private const double LargestBeta = 2;

    /// <summary>Where a search is.</summary>
    /// <param name="Actions">The best table so far.</param>
    /// <param name="Loss">Its loss.</param>
    /// <param name="Round">Sweep over the table.</param>
    /// <param name="Step">The step whose moves come next.</param>
    /// <param name="Improved">Whether this sweep found anything.</param>
    /// <param name="Tables">Tables tried so far.</param>
    public sealed record State(
        IReadOnlyList<StepAction> Actions, double Loss, int Round, int Step, bool Improved, int Tables)
    {
        /// <summary>Whether there is nothing left to try.</summary>
        public bool Finished => Round >= Rounds;

        /// <summary>Share of the search that is done.</summary>
        public double Progress => Math.Min(1, (Round + (Step / (double)Actions.Count)) / Rounds);
    }

    /// <summary>A search from a table of that loss.</summary>
    public static State Start(IReadOnlyList<StepAction> actions, double loss) => new(actions, loss, 0, 1, false, 1);

    /// <summary>Tries the moves of one step.</summary>
    /// <param name="networks">Networks that a step may run.</param>
    /// <param name="fits">Whether a table keeps the budget; null: only moves that change no price are tried.</param>
    /// <param name="betas">Whether β is moved.</param>
    public static State Next(
        State state, Func<IReadOnlyList<StepAction>, double> loss, int networks = 1,
        Func<IReadOnlyList<StepAction>, bool>? fits = null, bool betas = true)
    {
        var (actions, best, tables) = (state.Actions.ToArray(), state.Loss, state.Tables);
        if (fits is not null)
            foreach (var step in state.Step == 1 ? (int[])[0, 1] : [state.Step])
                foreach (var run in Enumerable.Range(0, networks).Select(network => new StepAction.Run(network)))
                    if (step < actions.Length && actions[step] != run)
                        Try(With(run, step));
        if (state.Step < actions.Length)
        {
            if (Exchanged(actions, state.Step) is { } exchanged)
                Try(exchanged);
            if (actions[state.Step] is StepAction.Forecast forecast)
                foreach (var kind in Enum.GetValues<ForecastKind>().Where(kind => kind != forecast.Kind))
                    Try(With(forecast with { Kind = kind }));
            foreach (var direction in betas ? (double[])[BetaStep, -BetaStep] : [])
                while (Moved(actions[state.Step], direction) is { } moved && Try(With(moved)))
                {
                }
        }

        var improved = state.Improved || best < state.Loss;
        return state.Step + 1 < actions.Length
            ? new(actions, best, state.Round, state.Step + 1, improved, tables)
            : new(actions, best, improved ? state.Round + 1 : Rounds, 1, false, tables);

        bool Try(StepAction[] changed)
        {
            if (fits?.Invoke(changed) == false)
                return false;
            tables++;
            var found = loss(changed);
            if (!(found < best * Enough))
                return false;
            (actions, best) = (changed, found);
            return true;
        }

        StepAction[] With(StepAction action, int? step = null)
        {
            var changed = actions.ToArray();
            changed[step ?? state.Step] = action;
            return changed;
        }
    }

    // Null for a run, and where β would go too far.
    private static StepAction? Moved(StepAction action, double by) => action switch
    {
        StepAction.Forecast forecast when Math.Abs(forecast.Beta + by) <= LargestBeta
            => forecast with { Beta = forecast.Beta + by },
        StepAction.Partial carried when Math.Abs(carried.Beta + by) <= LargestBeta
            => carried with { Beta = carried.Beta + by },
        _ => null,
    };

    private static StepAction[]? Exchanged(StepAction[] actions, int step)
    {
        if (step + 1 >= actions.Length || actions[step] == actions[step + 1]
            || (actions[step] is not StepAction.Run && actions[step + 1] is not StepAction.Run))
            return null;
        var changed = actions.ToArray();
        (changed[step], changed[step + 1]) = (actions[step + 1], actions[step]);
        return changed;
    }
}
