using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>Chooses sampler, grid, number of steps and step table at once, for so many evaluations of the network, as
/// USF's solver search does (Liu et al. 2023), with the exact program in place of its predictor. Every candidate gets
/// the program's table and is judged on the noises of the search by its distance to the true trajectory, the one target
/// that unlike samplers share; the best of those that forecast are improved by local search and a fit of their factors.
/// Fresh noises decide.</summary>
/// <param name="fine">The true trajectory.</param>
/// <param name="candidates">Each with as many steps as may run, or more; of one dense run.</param>
/// <param name="settings">Of each table.</param>
/// <param name="probes">Noises for a purpose; they belong to the caller's dispose scope.</param>
public sealed class SolverSearch(
    StepProblem fine, IReadOnlyList<(string Grid, StepProblem Problem)> candidates, StepSearchSettings settings,
    Func<string, Probes> probes) : IDisposable
{
    // A local search costs about as much as measuring the damages of all candidates.
    private const int Refined = 2;

    private readonly StepSearch[] _searches =
        [.. candidates.Select(candidate => new StepSearch(candidate.Problem, fine, settings, probes))];

    private (Probes Set, Tensor Target)? _probed;

    /// <summary>Whether nothing is left to try.</summary>
    public bool IsFinished(SolverSearchState state) =>
        state.Candidates.Count == candidates.Count && !Finalists(state).Any(index => !IsSearched(state, index));

    /// <summary>Share of the search that is done.</summary>
    public double Progress(SolverSearchState state) => ((double)state.Candidates.Count / candidates.Count / 2)
        + (Finalists(state).Sum(index => state.Candidates[index].Found.Search?.Progress ?? 0) / Refined / 2);

    /// <summary>Measures the next candidate, or tries the moves of one step of a finalist's table.</summary>
    public SolverSearchState Next(SolverSearchState state, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        if (state.Candidates.Count < candidates.Count)
            return new([.. state.Candidates, Measured(state.Candidates.Count, cancellationToken)]);
        var index = Finalists(state).First(index => !IsSearched(state, index));
        var all = state.Candidates.ToArray();
        all[index] = all[index] with { Found = _searches[index].Next(all[index].Found, cancellationToken) };
        return new(all);
    }

    /// <summary>Measures all tables on fresh noises and takes the best.</summary>
    public StepSearchReport Finish(SolverSearchState state, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var set = probes(StepSearch.Check);
        var target = fine.Sample(null, set, cancellationToken);
        var tables = new List<(StepCandidate Table, SolverRecord Record, StepSearchState Found)>();
        var fits = 0L;
        foreach (var (index, candidate) in state.Candidates.Index())
        {
            var (grid, problem) = candidates[index];
            Judge(candidate.Name, candidate.Found.First, candidate.OnProbes);
            if (candidate.Found.Search is not { } search)
                continue;
            Judge($"{candidate.Name}, searched", search.Actions, search.Loss);
            var (fitted, took) = _searches[index].Fit(search.Actions, cancellationToken);
            var probed = _probed ??= Probed(cancellationToken);
            fits += took + (probes(StepSearch.Factors).Count * (long)fine.Steps) + (probed.Set.Count * settings.Runs);
            Judge($"{candidate.Name}, fitted", fitted, RelativeError.Mean(
                problem.Sample(fitted, probed.Set, cancellationToken), probed.Target));

            void Judge(string name, IReadOnlyList<StepAction> actions, double onProbes)
            {
                using var inner = NewDisposeScope();
                var loss = RelativeError.Mean(problem.Sample(actions, set, cancellationToken), target);
                tables.Add((new(name, loss, problem.Table(actions, StepAim.Fine)), new(
                    name, problem.Sampler, grid, problem.Steps, settings.Runs, onProbes, loss,
                    candidate.Found.Evaluations), candidate.Found));
            }
        }

        var best = tables.MinBy(each => each.Record.OnFresh);
        var evaluations = fits + state.Candidates.Sum(candidate => candidate.Found.Evaluations)
            + ((long)probes(StepSearch.Search).Count * fine.Steps)
            + (set.Count * (fine.Steps + ((long)tables.Count * settings.Runs)));
        return new(
            settings.Method, best.Table, tables.ConvertAll(each => each.Table), best.Found.Predicted, best.Found.Front,
            evaluations, set.Count)
        {
            Solvers = [.. tables.Select(each => each.Record).OrderBy(record => record.OnFresh)],
        };
    }

    public void Dispose()
    {
        foreach (var search in _searches)
            search.Dispose();
        _probed?.Set.Noise.Dispose();
        _probed?.Set.Labels?.Dispose();
        _probed?.Target.Dispose();
        _probed = null;
    }

    private SolverCandidate Measured(int index, CancellationToken cancellationToken)
    {
        var (grid, problem) = candidates[index];
        var found = problem.Steps == settings.Runs
            ? new([.. Enumerable.Repeat(new StepAction.Run(), settings.Runs)], null, [], null, 0)
            : Solved(_searches[index]);
        var (set, target) = _probed ??= Probed(cancellationToken);
        var loss = RelativeError.Mean(problem.Sample(found.First, set, cancellationToken), target);
        return new(
            $"{problem.Sampler} {grid} {problem.Steps}",
            found with { Evaluations = found.Evaluations + ((long)set.Count * settings.Runs) }, loss);

        StepSearchState Solved(StepSearch search)
        {
            var gaps = search.Measure(cancellationToken);
            return search.StartFrom(search.Solve(gaps), gaps.Evaluations);
        }
    }

    private (Probes Set, Tensor Target) Probed(CancellationToken cancellationToken)
    {
        var set = probes(StepSearch.Search);
        var own = new Probes(set.Noise.DetachFromDisposeScope(), set.Labels?.DetachFromDisposeScope());
        return (own, fine.Sample(null, own, cancellationToken).DetachFromDisposeScope());
    }

    // Where every step runs there is no forecast to improve.
    private IEnumerable<int> Finalists(SolverSearchState state) => Enumerable.Range(0, state.Candidates.Count)
        .Where(index => state.Candidates.Count == candidates.Count
            && candidates[index].Problem.Steps > settings.Runs)
        .OrderBy(index => state.Candidates[index].OnProbes).Take(Refined);

    private static bool IsSearched(SolverSearchState state, int index) =>
        state.Candidates[index].Found.Search is { Finished: true };
}
