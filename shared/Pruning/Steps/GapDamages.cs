using Mlops.Diffusion;
using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>What it costs not to run the network for k steps after step a, when a′ ran before a: the forecast of least
/// damage and its damage, as relative squared error of the final sample. The network is not called for any of them.
/// </summary>
public sealed class GapDamages
{
    /// <summary>Longer gaps are not tried; nor is history that old.</summary>
    public const int MaxGap = 24;

    private static readonly ForecastKind[] Kinds = [ForecastKind.Velocity, ForecastKind.Clean];
    private static readonly double[] Betas = [0.5, 1];

    private readonly Dictionary<(int Before, int Last, int Length), Gap> _best = [];
    private readonly Dictionary<(int Before, int Last, int Length, StepAction.Forecast Action), double> _all = [];

    private GapDamages()
    {
    }

    /// <summary>A forecast and the damage of a gap that is filled with it.</summary>
    public sealed record Gap(StepAction.Forecast Action, double Damage);

    /// <summary>Every measured gap: a′ (−1 where the forecast does not look at it), a, length, action.</summary>
    public IReadOnlyDictionary<(int Before, int Last, int Length, StepAction.Forecast Action), double> All => _all;

    /// <summary>The best filling; null for gaps that were not tried.</summary>
    /// <param name="before">a′; −1 if a is the first step that ran.</param>
    /// <param name="last">a.</param>
    /// <param name="length">k ≥ 1.</param>
    public Gap? Best(int before, int last, int length)
    {
        var alone = _best.GetValueOrDefault((-1, last, length));
        var both = before < 0 ? null : _best.GetValueOrDefault((before, last, length));
        return both is null || alone?.Damage < both.Damage ? alone : both;
    }

    /// <summary>Measures all gaps of a trajectory through its adjoint.</summary>
    public static GapDamages Measure(
        StepProblem problem, Trajectory dense, StateAdjoint adjoint, CancellationToken cancellationToken)
    {
        using var noGrad = no_grad();
        var damages = new GapDamages();
        for (var last = 0; last < problem.Steps - 1; last++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            damages.After(last, problem.Steps, dense, adjoint);
        }

        return damages;
    }

    // All histories and actions side by side, as sets of P samples in one batch.
    private void After(int last, int steps, Trajectory dense, StateAdjoint adjoint)
    {
        var library = Library(dense, last);
        using var at = dense.At(last);
        var (sets, scale) = (library.Length, RelativeError.Scale(dense.States[^1]));
        var state = Tiled(dense.States[last + 1]);
        dense.RestartAt(last + 1, [.. dense.Earlier(last + 1).Select(pair => (Tiled(pair.Output), Tiled(pair.State)))]);
        var (outputs, states) = (new List<Tensor>(), new List<Tensor>());
        for (var step = last + 1; step < Math.Min(steps, last + 1 + MaxGap); step++)
        {
            using var scope = NewDisposeScope();
            var parts = dense.Scheduler.ScaleModelInput(state, step).chunk(sets, 0);
            var level = dense.Scheduler.LevelOf(step);
            var output = cat([.. library.Select((entry, set) => OutputForecast.Output(
                entry.Action, dense.Scheduler.Prediction, entry.History is { } history ? [history, at] : [at], step,
                parts[set], level))], 0);
            var next = dense.Advance(step, output, state);
            Remember(outputs, () => output - Tiled(dense.Outputs[step]));
            Remember(states, () => state - Tiled(dense.States[step]));
            state.Dispose();
            state = next.MoveToOuterDisposeScope();
            var change = state - Tiled(dense.States[step + 1]);
            var damage = step + 1 == steps
                ? change.to(float64).square().reshape(sets, dense.Probes.Count, -1).sum(2).mean([1L]).Doubles()
                : adjoint.Damage(step + 1, change, outputs, states);
            for (var set = 0; set < sets; set++)
                Note(library[set], last, step - last, damage[set] / scale);
        }

        foreach (var entry in library)
            entry.History?.Dispose();

        Tensor Tiled(Tensor tensor) => tensor.repeat([sets, 1, 1, 1]);

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

    private static (int Before, OutputSnapshot? History, StepAction.Forecast Action)[] Library(
        Trajectory dense, int a) =>
    [
        .. Kinds.Select(kind => (-1, (OutputSnapshot?)null, new StepAction.Forecast(kind, 0))),
        .. from before in Enumerable.Range(Math.Max(0, a - 1 - MaxGap), Math.Min(a, 1 + MaxGap))
           from kind in Kinds
           from beta in Betas
           select (before, (OutputSnapshot?)dense.At(before), new StepAction.Forecast(kind, beta)),
    ];

    private void Note(
        (int Before, OutputSnapshot? History, StepAction.Forecast Action) entry, int last, int length, double damage)
    {
        damage = double.IsFinite(damage) ? damage : double.PositiveInfinity;
        _all[(entry.Before, last, length, entry.Action)] = damage;
        var key = (entry.Before, last, length);
        if (!_best.TryGetValue(key, out var best) || damage < best.Damage)
            _best[key] = new Gap(entry.Action, damage);
    }
}
