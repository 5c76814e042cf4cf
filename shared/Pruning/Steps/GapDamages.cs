using Mlops.Diffusion;
using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>What it costs to run a network at step a and none for k steps after it, when a′ ran before a: the forecast
/// of least damage and its damage, as relative squared error of the final sample. Measured from the dense trajectory;
/// no network is called but once per step. A run is named by step · networks + network; with one network by its step.
/// </summary>
public sealed class GapDamages
{
    private static readonly ForecastKind[] Kinds = [ForecastKind.Velocity, ForecastKind.Clean];
    private static readonly double[] Betas = [0.5, 1];

    private readonly Dictionary<(int Before, int Last, int Length), Gap> _best = [];
    private readonly Dictionary<(int Before, int Last, int Length, StepAction.Forecast Action), double> _all = [];

    private GapDamages()
    {
    }

    /// <summary>Every measured gap: a′ (−1 where the forecast does not look at it), a, length, action.</summary>
    public IReadOnlyDictionary<(int Before, int Last, int Length, StepAction.Forecast Action), double> All => _all;

    /// <summary>The best filling of each.</summary>
    /// <param name="evaluations">What the measurement took.</param>
    public Gaps ToGaps(long evaluations) => new(_best, evaluations);

    /// <summary>Measures all gaps of a trajectory of the imitated network, through its adjoint.</summary>
    public static GapDamages Measure(
        StepProblem problem, Trajectory dense, StateAdjoint adjoint, CancellationToken cancellationToken)
    {
        using var noGrad = no_grad();
        var damages = new GapDamages();
        OutputSnapshot[] runs = [.. Enumerable.Range(0, problem.Steps).SelectMany(step => Runs(problem, dense, step))];
        try
        {
            for (var last = 0; last < runs.Length; last++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                damages.After(last, runs, problem, dense, adjoint);
            }
        }
        finally
        {
            foreach (var run in runs)
                run.Dispose();
        }

        return damages;
    }

    private static IEnumerable<OutputSnapshot> Runs(StepProblem problem, Trajectory dense, int step) =>
        problem.Variants is null
            ? [dense.At(step)]
            : problem.Variants.Networks.Select(
                network => dense.Snapshot(step, dense.Predict(network, step, dense.States[step])));

    // All histories and actions side by side, as sets of P samples in one batch.
    private void After(
        int last, OutputSnapshot[] runs, StepProblem problem, Trajectory dense, StateAdjoint adjoint)
    {
        var (steps, first, library) = (problem.Steps, runs[last].Step, Library(last, problem.Networks));
        var (sets, scale) = (library.Length, RelativeError.Scale(dense.States[^1]));
        var state = Tiled(dense.States[first]);
        dense.RestartAt(first, [.. dense.Earlier(first).Select(pair => (Tiled(pair.Output), Tiled(pair.State)))]);
        var (outputs, states) = (new List<Tensor>(), new List<Tensor>());
        for (var step = first; step < Math.Min(steps, first + 1 + Gaps.Longest); step++)
        {
            using var scope = NewDisposeScope();
            var output = step == first ? Tiled(runs[last].Output) : Forecast(step);
            var next = dense.Advance(step, output, state);
            Remember(outputs, () => output - Tiled(dense.Outputs[step]));
            Remember(states, () => state - Tiled(dense.States[step]));
            state.Dispose();
            state = next.MoveToOuterDisposeScope();
            var change = state - Tiled(dense.States[step + 1]);
            var damage = step + 1 == steps
                ? change.to(float64).square().reshape(sets, dense.Probes.Count, -1).sum(2).mean([1L]).Doubles()
                : adjoint.Damage(step + 1, change, outputs, states);
            if (step == first)
                _best[(-1, last, 0)] = new(null, Finite(damage[0] / scale));
            else
                for (var set = 0; set < sets; set++)
                    Note(library[set], last, step - first, Finite(damage[set] / scale));
        }

        Tensor Tiled(Tensor tensor) => tensor.repeat([sets, 1, 1, 1]);

        Tensor Forecast(int step)
        {
            var (parts, level) = (
                dense.Scheduler.ScaleModelInput(state, step).chunk(sets, 0), dense.Scheduler.LevelOf(step));
            return cat([.. library.Select((entry, set) => OutputForecast.Output(
                entry.Action, dense.Scheduler.Prediction,
                entry.Before < 0 ? [runs[last]] : [runs[entry.Before], runs[last]], step, parts[set], level))], 0);
        }

        // Newest first, and no more than the method looks back on.
        void Remember(List<Tensor> changes, Func<Tensor> change)
        {
            if (dense.Scheduler.History == 0)
                return;
            changes.Insert(0, change().MoveToOuterDisposeScope());
            if (changes.Count <= dense.Scheduler.History)
                return;
            changes[^1].Dispose();
            changes.RemoveAt(changes.Count - 1);
        }
    }

    private static (int Before, StepAction.Forecast Action)[] Library(int last, int networks)
    {
        var step = last / networks;
        return
        [
            .. Kinds.Select(kind => (-1, new StepAction.Forecast(kind, 0))),
            .. from before in Enumerable.Range(0, step * networks)
               where before / networks >= step - 1 - Gaps.Longest
               from kind in Kinds
               from beta in Betas
               select (before, new StepAction.Forecast(kind, beta)),
        ];
    }

    private static double Finite(double damage) => double.IsFinite(damage) ? damage : double.PositiveInfinity;

    private void Note((int Before, StepAction.Forecast Action) entry, int last, int length, double damage)
    {
        _all[(entry.Before, last, length, entry.Action)] = damage;
        var key = (entry.Before, last, length);
        if (!_best.TryGetValue(key, out var best) || damage < best.Damage)
            _best[key] = new Gap(entry.Action, damage);
    }
}
