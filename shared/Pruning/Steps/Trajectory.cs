using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>A sampling run of some probes, every state and output kept: gaps are cut out of a dense one, and a table
/// that differs late from the last one is followed only from there.</summary>
public sealed class Trajectory : IDisposable
{
    private readonly StepProblem _problem;
    private readonly Probes _probes;
    private readonly List<Tensor> _states = [], _outputs = [];
    private readonly List<StepAction> _actions = [];

    private Trajectory(StepProblem problem, Probes probes)
    {
        (_problem, _probes) = (problem, probes);
        Scheduler = problem.CreateScheduler();
        problem.Lay(Scheduler);
        using var noGrad = no_grad();
        _states.Add((probes.Noise * Scheduler.InitNoiseSigma).DetachFromDisposeScope());
    }

    /// <summary>A scheduler on the problem's grid, for steps out of order.</summary>
    public NoiseScheduler Scheduler { get; }

    /// <summary>x_0 … x_S in sampling order, each [P, C, H, W].</summary>
    public IReadOnlyList<Tensor> States => _states;

    /// <summary>What was predicted at each state, by the network or in its place, without variance channels.</summary>
    public IReadOnlyList<Tensor> Outputs => _outputs;

    /// <summary>The probes.</summary>
    public Probes Probes => _probes;

    /// <summary>Samples that went through the network, or a part of it, so far.</summary>
    public long Evaluations { get; private set; }

    /// <summary>Runs the network at every step.</summary>
    public static Trajectory Record(StepProblem problem, Probes probes, CancellationToken cancellationToken)
    {
        var dense = Start(problem, probes);
        dense.Follow([.. Enumerable.Repeat(new StepAction.Run(), problem.Steps)], cancellationToken);
        return dense;
    }

    /// <summary>A trajectory that has not begun.</summary>
    public static Trajectory Start(StepProblem problem, Probes probes) => new(problem, probes);

    /// <summary>Samples as a table says, from the first step that differs from the last table followed. Where layers
    /// are carried on, in all steps the same, the whole runs before that step that fill their cache are made again.
    /// </summary>
    /// <returns>The samples; owned by the trajectory until the next call.</returns>
    public Tensor Follow(IReadOnlyList<StepAction> actions, CancellationToken cancellationToken)
    {
        using var noGrad = no_grad();
        using var run = NewDisposeScope();
        var first = _actions.Zip(actions).TakeWhile(pair => pair.First == pair.Second).Count();
        Forget(_states, first + 1);
        Forget(_outputs, first);
        _actions.RemoveRange(first, _actions.Count - first);
        RestartAt(first, Earlier(first));
        var cache = new LayerCache(actions);
        foreach (var earlier in LayerCache.Filling(actions, first))
            Call(earlier, actions[earlier], cache).Dispose();
        for (var step = first; step < actions.Count; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var output = actions[step] is StepAction.Forecast forecast
                ? Forecast(forecast, step)
                : Call(step, actions[step], cache);
            var next = Advance(step, output, _states[step]);
            _outputs.Add(output.DetachFromDisposeScope());
            _states.Add(next.DetachFromDisposeScope());
            _actions.Add(actions[step]);
        }

        return _states[^1];
    }

    /// <summary>Input, output and level of a step, as a forecast wants them; the caller owns both tensors.</summary>
    public OutputSnapshot At(int step) => Snapshot(step, _outputs[step].alias());

    /// <summary>The same with an output that was not the trajectory's.</summary>
    public OutputSnapshot Snapshot(int step, Tensor output) => new(
        step, output.DetachFromDisposeScope(),
        Scheduler.ScaleModelInput(_states[step], step).DetachFromDisposeScope(), Scheduler.LevelOf(step));

    /// <summary>What the network predicts for a state, without variance channels.</summary>
    public Tensor Network(int step, Tensor state, int variant = 0) =>
        Predict(_problem.Variants?.Networks[variant] ?? _problem.Network, step, state);

    /// <summary>The same of any network.</summary>
    public Tensor Predict(Prediction network, int step, Tensor state)
    {
        using var scope = NewDisposeScope();
        var t = Scheduler.Timesteps[step];
        var time = Scheduler.WholeTimesteps
            ? tensor([(long)t], int64, state.device)
            : tensor([(float)t], float32, state.device);
        Evaluations += state.shape[0];
        var output = network(Scheduler.ScaleModelInput(state, step), time, _probes.Labels);
        return Guidance.KeepChannels(output, state.shape[1]).MoveToOuterDisposeScope();
    }

    /// <summary>Puts the scheduler where it is before a step: its memory holds the given earlier outputs.</summary>
    /// <param name="step">The step that is taken next.</param>
    /// <param name="earlier">Output and state of the steps that its method remembers, newest last.</param>
    public void RestartAt(int step, IReadOnlyList<(Tensor Output, Tensor State)> earlier)
    {
        if (Scheduler.History == 0)
            return;
        _problem.Lay(Scheduler);
        for (var i = 0; i < earlier.Count; i++)
            Advance(step - earlier.Count + i, earlier[i].Output, earlier[i].State);
    }

    /// <summary>Output and state of the steps before <paramref name="step"/> that its method looks back on.</summary>
    public IReadOnlyList<(Tensor Output, Tensor State)> Earlier(int step) =>
        [.. Enumerable.Range(0, step).TakeLast(Scheduler.History).Select(s => (_outputs[s], _states[s]))];

    /// <summary>The state after a step, for P samples or several sets of P behind one another.</summary>
    public Tensor Advance(int step, Tensor output, Tensor state)
    {
        using var scope = NewDisposeScope();
        Tensor? noise = null;
        if (Scheduler.NeedsNoise(step, _problem.Options))
        {
            noise = EqualNoise.Step(_problem.Seed, step, 0, _states[0]);
            noise = noise.repeat([state.shape[0] / _probes.Count, 1, 1, 1]);     // [P, …] -> [sets·P, …]
        }

        return Scheduler.Step(output, step, state, noise, _problem.Options).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        Forget(_states, 0);
        Forget(_outputs, 0);
    }

    private Tensor Call(int step, StepAction action, LayerCache cache)
    {
        if (!cache.IsNeeded)
            return Network(step, _states[step], ((StepAction.Run)action).Variant);
        var network = _problem.Controlled?.Invoke(cache.At(step, action as StepAction.Partial))
            ?? throw new InvalidOperationException("the problem's table carries on layers that it does not name");
        return Predict(network, step, _states[step]);
    }

    private Tensor Forecast(StepAction.Forecast forecast, int step)
    {
        var runs = Enumerable.Range(0, step).Where(s => _actions[s] is StepAction.Run).TakeLast(forecast.Outputs)
            .Select(At).ToList();
        var output = OutputForecast.Output(
            forecast, Scheduler.Prediction, runs, step, Scheduler.ScaleModelInput(_states[step], step),
            Scheduler.LevelOf(step));
        runs.ForEach(run => run.Dispose());
        return output;
    }

    private static void Forget(List<Tensor> tensors, int kept)
    {
        for (var i = kept; i < tensors.Count; i++)
            tensors[i].Dispose();
        tensors.RemoveRange(kept, tensors.Count - kept);
    }
}
