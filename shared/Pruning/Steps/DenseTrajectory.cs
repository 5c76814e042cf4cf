using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>The dense sampling run of some probes, every state and output kept: what gaps are cut out of.</summary>
public sealed class DenseTrajectory : IDisposable
{
    private readonly StepProblem _problem;
    private readonly Probes _probes;
    private readonly List<Tensor> _states = [], _outputs = [];

    private DenseTrajectory(StepProblem problem, Probes probes)
    {
        (_problem, _probes) = (problem, probes);
        Scheduler = problem.CreateScheduler();
        Scheduler.SetTimesteps(problem.Steps);
    }

    /// <summary>A scheduler on the problem's grid, for steps out of order.</summary>
    public NoiseScheduler Scheduler { get; }

    /// <summary>x_0 … x_S in sampling order, each [P, C, H, W].</summary>
    public IReadOnlyList<Tensor> States => _states;

    /// <summary>What the network predicted at each state, without variance channels.</summary>
    public IReadOnlyList<Tensor> Outputs => _outputs;

    /// <summary>The probes.</summary>
    public Probes Probes => _probes;

    /// <summary>D·var: what squared distances over a sample are divided by, so that 1 is as far as an unrelated
    /// sample's half.</summary>
    public double Scale { get; private set; }

    /// <summary>Runs the network at every step.</summary>
    public static DenseTrajectory Record(StepProblem problem, Probes probes, CancellationToken cancellationToken)
    {
        var dense = new DenseTrajectory(problem, probes);
        using var scope = NewDisposeScope();
        var channels = probes.Noise.shape[1];
        var sampler = new Sampler(
            problem.CreateScheduler(), new SamplerOptions(problem.Steps, problem.Seed, probes.Count, problem.Options));
        var end = sampler.Sample(
            problem.Network, probes.Noise, probes.Labels,
            step =>
            {
                dense._states.Add(step.Input.clone().DetachFromDisposeScope());
                dense._outputs.Add(
                    Guidance.KeepChannels(step.Output, channels).clone().DetachFromDisposeScope());
            },
            cancellationToken);
        dense._states.Add(end.clone().DetachFromDisposeScope());
        dense.Scale = RelativeError.Scale(end);
        return dense;
    }

    /// <summary>Input, output and level of a step, as a forecast wants them; the caller owns both tensors.</summary>
    public OutputSnapshot At(int step) => new(
        step, _outputs[step].alias().DetachFromDisposeScope(),
        Scheduler.ScaleModelInput(_states[step], step).DetachFromDisposeScope(), Scheduler.LevelOf(step));

    /// <summary>What the network predicts for a state, without variance channels.</summary>
    public Tensor Network(int step, Tensor state)
    {
        using var scope = NewDisposeScope();
        var t = Scheduler.Timesteps[step];
        var time = Scheduler.WholeTimesteps
            ? tensor([(long)t], int64, state.device)
            : tensor([(float)t], float32, state.device);
        var output = _problem.Network(Scheduler.ScaleModelInput(state, step), time, _probes.Labels);
        return Guidance.KeepChannels(output, state.shape[1]).MoveToOuterDisposeScope();
    }

    /// <summary>Puts the scheduler where it is before a step: its memory holds the given earlier outputs.</summary>
    /// <param name="step">The step that is taken next.</param>
    /// <param name="earlier">Output and state of the steps that its method remembers, newest last.</param>
    public void RestartAt(int step, IReadOnlyList<(Tensor Output, Tensor State)> earlier)
    {
        if (Scheduler.History == 0)
            return;
        Scheduler.SetTimesteps(_problem.Steps);
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
        _states.ForEach(state => state.Dispose());
        _outputs.ForEach(output => output.Dispose());
    }
}
