using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>Ways to make a step table.</summary>
public enum StepMethod
{
    /// <summary>Dynamic program over measured gaps, then local search on the true loss.</summary>
    Solver,

    /// <summary>Even runs, the output reused between them (FORA at the output).</summary>
    UniformReuse,

    /// <summary>Even runs, the output forecast between them (TaylorSeer of order 1 at the output).</summary>
    UniformForecast,

    /// <summary>Runs where the output has changed enough, else reuse (TeaCache at the output, static).</summary>
    Threshold,

    /// <summary>The sampler with fewer steps.</summary>
    FewerSteps,
}

/// <summary>How a table is made.</summary>
/// <param name="Method">The way.</param>
/// <param name="Runs">n, evaluations of the network for one image.</param>
/// <param name="Aim">What the true loss is measured to.</param>
/// <param name="Signs">U, random directions of the adjoint.</param>
public sealed record StepSearchSettings(StepMethod Method, int Runs, StepAim Aim, int Signs = 8);

/// <summary>Makes a step table and measures it. Damages, local search and final choice see noises of their own, so that
/// none of them flatters the next.</summary>
/// <param name="problem">Network and sampler.</param>
/// <param name="fine">The same network with many consistent steps; only for that aim.</param>
/// <param name="settings">The way.</param>
/// <param name="probes">Noises for a purpose; they belong to the caller's dispose scope.</param>
public sealed class StepSearch(
    StepProblem problem, StepProblem? fine, StepSearchSettings settings, Func<string, Probes> probes)
{
    private const string Damages = "step-damages", Search = "step-search";

    /// <summary>Purpose of the noises of the last choice.</summary>
    public const string Check = "step-check";

    private readonly int _runs = settings.Runs is var runs && runs >= StepBudget.FewestRuns && runs <= problem.Steps
        ? runs
        : throw new InvalidDataException(
            $"a step table of {problem.Steps} steps runs the network {StepBudget.FewestRuns} to {problem.Steps} times, "
            + $"not {runs}");

    /// <summary>The first table; for the solver the dynamic program's.</summary>
    public StepSearchState Start(CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var native = OutputForecast.Native(problem.CreateScheduler().Prediction);
        switch (settings.Method)
        {
            case StepMethod.UniformReuse:
                return Plain(UniformSteps.Create(problem.Steps, _runs, new(native, 0)), 0);
            case StepMethod.UniformForecast:
                return Plain(UniformSteps.Create(problem.Steps, _runs, new(native, 1)), 0);
            case StepMethod.FewerSteps:
                return Plain([.. Enumerable.Repeat(new StepAction.Run(), _runs)], 0);
            default:
                var set = probes(Damages);
                using (var dense = DenseTrajectory.Record(problem, set, cancellationToken))
                    return settings.Method == StepMethod.Threshold
                        ? Plain(ThresholdSteps.Create(dense, _runs), (long)set.Count * problem.Steps)
                        : Solve(dense, cancellationToken);
        }
    }

    /// <summary>Tries the moves of one step of the table.</summary>
    public StepSearchState Next(StepSearchState state, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var set = probes(Search);
        var evaluations = state.Evaluations;
        using var target = Target(set, ref evaluations, cancellationToken);
        // Until then the target is made anew each time: it is a small part of the moves of one step.
        var search = state.Search ?? LocalSearch.Start(state.First, Loss);
        return state with { Search = LocalSearch.Next(search, Loss), Evaluations = evaluations };

        double Loss(IReadOnlyList<StepAction> actions)
        {
            using var inner = NewDisposeScope();
            evaluations += (long)set.Count * Runs(actions);
            return RelativeError.Mean(problem.Sample(actions, set, cancellationToken), target);
        }
    }

    /// <summary>Measures what is left to choose from on fresh noises.</summary>
    public StepSearchReport Finish(StepSearchState state, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var set = probes(Check);
        var evaluations = state.Evaluations;
        using var target = Target(set, ref evaluations, cancellationToken);
        var candidates = new List<StepCandidate>();
        foreach (var (name, actions) in Candidates(state))
        {
            using var inner = NewDisposeScope();
            evaluations += (long)set.Count * Runs(actions);
            candidates.Add(new(
                name, RelativeError.Mean(problem.Sample(actions, set, cancellationToken), target),
                problem.Table(actions, settings.Aim)));
        }

        var best = candidates.MinBy(candidate => candidate.Loss)!;
        return new StepSearchReport(
            settings.Method, best, candidates, state.Predicted, state.Front, evaluations, set.Count);
    }

    private static StepSearchState Plain(IReadOnlyList<StepAction> actions, long evaluations) =>
        new(actions, null, [], null, evaluations);

    private StepSearchState Solve(DenseTrajectory dense, CancellationToken cancellationToken)
    {
        using var adjoint = StateAdjoint.Compute(
            problem, dense, settings.Signs, problem.Seed, cancellationToken);
        var damages = GapDamages.Measure(problem, dense, adjoint, cancellationToken);
        var front = StepProgram.Solve(problem.Steps, damages.Best);
        var best = front.LastOrDefault(solution => solution.Runs <= _runs)
            ?? throw new InvalidDataException(
                $"with {_runs} runs of {problem.Steps} steps some gap is longer than {GapDamages.MaxGap} steps, which "
                + "is not tried; ask for more runs");
        // A pass back counts as two.
        var evaluations = dense.Probes.Count * (problem.Steps + ((problem.Steps - 1L) * 3 * settings.Signs));
        return new(
            best.Actions, best.Damage, [.. front.Select(solution => new FrontPoint(solution.Runs, solution.Damage))],
            null, evaluations);
    }

    private IEnumerable<(string Name, IReadOnlyList<StepAction> Actions)> Candidates(StepSearchState state)
    {
        if (state.Search is not { } search)
            return [("made", state.First)];
        var uniform = UniformSteps.Create(problem.Steps, _runs, new(ForecastKind.Clean, 1));
        return [("searched", search.Actions), ("dynamic program", state.First), ("uniform x0 forecast", uniform)];
    }

    private Tensor Target(Probes set, ref long evaluations, CancellationToken cancellationToken)
    {
        var truth = settings.Aim == StepAim.Fine
            ? fine ?? throw new ArgumentException("the aim needs the fine problem", nameof(fine))
            : problem;
        evaluations += (long)set.Count * truth.Steps;
        return truth.Sample(null, set, cancellationToken);
    }

    private static int Runs(IReadOnlyList<StepAction> actions) => actions.Count(action => action is StepAction.Run);
}
