using static TorchSharp.torch;

namespace Mlops.Pruning.Steps;

/// <summary>Makes a step table and measures it. Damages, local search, fit of the factors and final choice see noises
/// of their own, so that none of them flatters the next.</summary>
/// <param name="problem">Network and sampler.</param>
/// <param name="fine">The same network with many consistent steps; only for that aim.</param>
/// <param name="settings">The way.</param>
/// <param name="probes">Noises for a purpose; they belong to the caller's dispose scope.</param>
public sealed class StepSearch(
    StepProblem problem, StepProblem? fine, StepSearchSettings settings, Func<string, Probes> probes) : IDisposable
{
    /// <summary>Purpose of the noises that gaps are measured on.</summary>
    public const string Damages = "step-damages";

    /// <summary>Purpose of the noises of the local search.</summary>
    public const string Search = "step-search";

    /// <summary>Purpose of the noises on which all factors are fitted.</summary>
    public const string Factors = "step-factors";

    /// <summary>Purpose of the noises of the last choice.</summary>
    public const string Check = "step-check";

    private readonly int _runs = Checked(problem.Steps, settings);
    private (Trajectory Tried, Tensor Target)? _moves;
    private (Probes Set, Tensor Target)? _fit;

    /// <summary>What gaps cost; only the solver asks. Neither budget nor aim plays a part.</summary>
    public Gaps Measure(CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        if (settings.Between is { } between)
            return PartialGaps.Measure(problem, between, probes(Damages), cancellationToken);

        // What is imitated is the network itself, whatever stands to choose.
        using var dense = Trajectory.Record(problem with { Variants = null }, probes(Damages), cancellationToken);
        using var adjoint = StateAdjoint.Compute(problem, dense, settings.Signs, problem.Seed, cancellationToken);
        return GapDamages.Measure(problem, dense, adjoint, cancellationToken).ToGaps(
            dense.Probes.Count * (problem.Steps + ((problem.Steps - 1L) * 3 * settings.Signs)
                + ((problem.Variants?.Networks.Count ?? 0L) * problem.Steps)));
    }

    /// <summary>The table of a method that measures no gaps.</summary>
    public StepSearchState Start(CancellationToken cancellationToken)
    {
        var (actions, cost) = new BaselineTables(problem, settings, probes).Make(cancellationToken);
        return new(actions, null, [], null, cost);
    }

    /// <summary>The solver's first table: the dynamic program's, or what is truly nearest of few like it.</summary>
    public StepSearchState Start(Gaps gaps, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var state = StartFrom(Solve(gaps), gaps.Evaluations);
        if (problem.Variants is not null && Alone(gaps) is { Count: > 0 } alone)
            state = Nearest(state, alone, cancellationToken);
        return BesideEvenRuns(state, cancellationToken);
    }

    /// <summary>The best table for every budget, from one measurement of gaps.</summary>
    public IReadOnlyList<StepProgram.Solution> Solve(Gaps gaps) =>
        problem.Variants is null ? StepProgram.Solve(problem.Steps, gaps.Best) : Priced(gaps, problem.Price);

    /// <summary>The dynamic program's table for this search's budget.</summary>
    public StepSearchState StartFrom(IReadOnlyList<StepProgram.Solution> front, long evaluations)
    {
        var best = front.LastOrDefault(solution => solution.Price <= settings.Cap)
            ?? throw StepBudget.GapTooLong(_runs, problem.Steps);
        var points = front.Select(solution => new FrontPoint(solution.Runs, solution.Damage, Share(solution)));
        return new(best.Actions, best.Damage, [.. points], null, evaluations);
    }

    /// <summary>Tries the moves of one step of the table.</summary>
    public StepSearchState Next(StepSearchState state, CancellationToken cancellationToken) =>
        state is { Search.Finished: true, Rival: { } rival }
            ? state with { Rival = Next(rival, cancellationToken) }
            : Moved(state, cancellationToken);

    /// <summary>The same table with all its factors fitted to the true loss, and the evaluations that took, without
    /// those of the target.</summary>
    public (IReadOnlyList<StepAction> Actions, long Evaluations) Fit(
        IReadOnlyList<StepAction> actions, CancellationToken cancellationToken, Action<double>? done = null)
    {
        var (set, target) = _fit ??= Targeted(Factors, cancellationToken);
        using var tried = Trajectory.Start(problem, set);
        var fitted = FactorFit.Fit(actions, table => tried.Follow(table, cancellationToken), target, done);
        return (fitted, tried.Evaluations);
    }

    /// <summary>Fits what is left to choose from, and measures it on fresh noises.</summary>
    /// <param name="done">Told the share of the fits that is behind.</param>
    public StepSearchReport Finish(
        StepSearchState state, CancellationToken cancellationToken, Action<double>? done = null)
    {
        using var scope = NewDisposeScope();
        var set = probes(Check);
        var evaluations = state.AllEvaluations + TargetCost(set);
        var target = Truth.Sample(null, set, cancellationToken);
        var tables = Candidates(state).ToList();
        if (state.Search is not null)
        {
            var searched = state.Searched().ToList();
            foreach (var (index, (name, actions)) in searched.Index())
            {
                var (fitted, took) = Fit(
                    actions, cancellationToken, share => done?.Invoke((index + share) / searched.Count));
                evaluations += took;
                tables.Add(($"{name}, fitted", fitted));
            }

            evaluations += TargetCost(_fit!.Value.Set);
        }

        var candidates = new List<StepCandidate>();
        foreach (var (name, actions) in tables)
        {
            using var inner = NewDisposeScope();
            evaluations += (long)set.Count * Runs(actions);
            candidates.Add(new(
                name, RelativeError.Mean(problem.Sample(actions, set, cancellationToken), target),
                problem.Table(actions, settings.Aim)));
        }

        var best = candidates.MinBy(candidate => candidate.Loss)!;
        return new StepSearchReport(
            settings.Method, best, candidates, state.Predicted, state.Front, evaluations, set.Count)
        {
            Networks = problem.Networks,
        };
    }

    public void Dispose()
    {
        _moves?.Tried.Dispose();
        Release(_moves?.Tried.Probes, _moves?.Target);
        Release(_fit?.Set, _fit?.Target);
        (_moves, _fit) = (null, null);
    }

    private static void Release(Probes? set, Tensor? target)
    {
        set?.Noise.Dispose();
        set?.Labels?.Dispose();
        target?.Dispose();
    }

    private static int Checked(int steps, StepSearchSettings settings)
    {
        if (settings.Runs < settings.Fewest || settings.Runs > steps)
            throw new InvalidDataException(
                $"a step table of {steps} steps runs the network {settings.Fewest} to {steps} times, not "
                + $"{settings.Runs}");
        if (settings is { Method: StepMethod.Solver, Budget: null })
            StepBudget.CheckGaps(settings.Runs, steps);
        return settings.Runs;
    }

    private StepSearchState Moved(StepSearchState state, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        // Kept between calls; a search that was stopped makes it again, which is not counted twice.
        var set = (_moves ??= Moves(cancellationToken)).Tried.Probes;
        var evaluations = state.Evaluations;
        if (state.Search is not { } search)
        {
            // Rivals are held against the same samples.
            evaluations += (state.Origin == StepOrigin.Program ? TargetCost(set) : 0)
                + ((long)set.Count * Runs(state.First));
            search = LocalSearch.Start(state.First, Error(state.First, cancellationToken));
        }

        var from = search.Actions;
        var found = LocalSearch.Next(
            search, Loss, state.Origin == StepOrigin.Program ? problem.Networks : 1,
            problem.Variants is null ? null : table => problem.Price(table) <= settings.Cap,
            // With every β at its best no exchange helps any more: from even runs they are left to the fit.
            betas: state.Origin != StepOrigin.EvenRuns || settings.Between is not null);
        return state with { Search = found, Evaluations = evaluations };

        // Only the steps from the first change on are run, and before them what fills the cache of layers.
        double Loss(IReadOnlyList<StepAction> actions)
        {
            var same = actions.Zip(from).TakeWhile(pair => pair.First == pair.Second).Count();
            evaluations += (long)set.Count * (Runs(actions.Skip(same)) + LayerCache.Filling(actions, same).Count);
            return Error(actions, cancellationToken);
        }
    }

    private double Error(IReadOnlyList<StepAction> actions, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var (tried, target) = _moves ??= Moves(cancellationToken);
        return RelativeError.Mean(tried.Follow(actions, cancellationToken), target);
    }

    // Damages add only nearly, and those of layers are measured for β = 0: a search from even runs may end nearer.
    private StepSearchState BesideEvenRuns(StepSearchState state, CancellationToken cancellationToken)
    {
        var tables = EvenTables();
        if (tables.Count == 0)
            return state;
        var (nearest, loss) = tables.Select(table => (table.Actions, Loss: Error(table.Actions, cancellationToken)))
            .MinBy(table => table.Loss);
        var evaluations = (long)_moves!.Value.Tried.Probes.Count * tables.Sum(table => Runs(table.Actions));
        return state.Against(
            new(nearest, null, [], LocalSearch.Start(nearest, loss), evaluations, StepOrigin.EvenRuns));
    }

    // Errors of a smaller network point the same way in successive runs, which then cost more than the sum of their
    // damages: the search begins with whatever is truly nearest.
    private StepSearchState Nearest(
        StepSearchState state, IReadOnlyList<StepProgram.Solution> alone, CancellationToken cancellationToken)
    {
        var best = alone.Prepend(new(0, 0, state.Predicted!.Value, state.First))
            .MinBy(table => Error(table.Actions, cancellationToken))!;
        var evaluations = (long)_moves!.Value.Tried.Probes.Count
            * (Runs(state.First) + alone.Sum(table => table.Runs));
        var whole = alone.FirstOrDefault(table => table.Actions.All(action => action is not StepAction.Run
        {
            Variant: > 0,
        }));
        return state with
        {
            First = best.Actions, Predicted = best.Damage, Evaluations = state.Evaluations + evaluations,
            Rival = problem.Networks > 1 && whole is not null
                ? new(whole.Actions, whole.Damage, [], null, 0, StepOrigin.WholeNetwork) : null,
        };
    }

    private IReadOnlyList<StepProgram.Solution> Priced(Gaps gaps, Func<int, int, long> price) =>
        StepProgram.Solve(problem.Steps, gaps.Best, problem.Networks, price, settings.Cap);

    // The best of this budget with each network alone.
    private IReadOnlyList<StepProgram.Solution> Alone(Gaps gaps) =>
    [
        .. Enumerable.Range(0, problem.Networks).Select(only => Priced(gaps, (step, network) =>
            network == only ? problem.Price(step, network) : settings.Cap + 1).LastOrDefault())
            .OfType<StepProgram.Solution>(),
    ];

    private IEnumerable<(string Name, IReadOnlyList<StepAction> Actions)> Candidates(StepSearchState state) =>
        state.Search is null ? [("made", state.First)]
        : [.. state.Searched(), .. EvenTables()];

    // Even runs of a network that costs unequally may cost more than the budget.
    private List<(string Name, IReadOnlyList<StepAction> Actions)> EvenTables()
    {
        (string Name, StepAction Action)[] between = settings.Between is { } layers
            ? [("even reuse of layers", layers with { Beta = 0 }),
                ("even forecast of layers", layers with { Beta = 1 })]
            : [("uniform x0 forecast", new StepAction.Forecast(ForecastKind.Clean, 1))];
        return [.. between
            .Select(each => (each.Name, Actions: UniformSteps.Create(problem.Steps, _runs, each.Action)))
            .Where(table => problem.Price(table.Actions) <= settings.Cap)];
    }

    private StepProblem Truth => settings.Aim == StepAim.Fine
        ? fine ?? throw new ArgumentException("the aim needs the fine problem", nameof(fine))
        : problem.Dense ?? problem;

    // Of the network with all layers at every step.
    private double? Share(StepProgram.Solution solution) =>
        problem.Layers is { } layers
            ? StepCosts.Tabled(problem.Table(solution.Actions), null, layers).Macs
                / StepCosts.Dense(layers, problem.Steps, problem.Guidance).Macs
        : problem.Variants is null ? null
        : solution.Price / (double)problem.WholePrice;

    private long TargetCost(Probes set) => (long)set.Count * Truth.Steps;

    private (Trajectory Tried, Tensor Target) Moves(CancellationToken cancellationToken)
    {
        var (set, target) = Targeted(Search, cancellationToken);
        return (Trajectory.Start(problem, set), target);
    }

    // Noises of a purpose and what they should become; both stay.
    private (Probes Set, Tensor Target) Targeted(string purpose, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var set = probes(purpose);
        var own = new Probes(set.Noise.DetachFromDisposeScope(), set.Labels?.DetachFromDisposeScope());
        return (own, Truth.Sample(null, own, cancellationToken).DetachFromDisposeScope());
    }

    private static int Runs(IEnumerable<StepAction> actions) =>
        actions.Count(action => action is not StepAction.Forecast);
}
