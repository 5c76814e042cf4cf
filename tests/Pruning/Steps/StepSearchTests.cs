using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Steps;

public sealed class StepSearchTests
{
    [Theory]
    [InlineData("ddim")]
    [InlineData("euler")]
    [InlineData("dpm-solver")]
    public void Damages_from_the_adjoint_rank_and_size_gaps_as_running_them_to_the_end_does(string sampler)
    {
        using var scope = NewDisposeScope();
        var problem = SomeProblem.Of(sampler, 8);
        var probes = SomeProblem.Probes(16, 1);
        using var dense = Trajectory.Record(problem, probes, default);
        using var adjoint = StateAdjoint.Compute(problem, dense, signs: 16, seed: 1, default);

        var gaps = GapDamages.Measure(problem, dense, adjoint, default).All
            .Where(gap => gap.Key.Length <= 2 && (gap.Key.Before < 0 || gap.Key.Before == gap.Key.Last - 1)).ToArray();

        var predicted = gaps.Select(gap => gap.Value).ToArray();
        var measured = gaps.Select(gap => Measured(problem, dense, gap.Key)).ToArray();
        var ratios = predicted.Zip(measured, (p, m) => p / m).Order().ToArray();
        Assert.True(Spearman(predicted, measured) > 0.9, $"rank correlation {Spearman(predicted, measured)}");
        Assert.InRange(ratios[ratios.Length / 2], 0.5, 2);
    }

    [Theory]
    [InlineData("ddim")]
    [InlineData("dpm-solver")]
    public void The_damage_of_a_second_network_is_sized_as_running_it_does(string sampler)
    {
        using var scope = NewDisposeScope();
        var problem = WithSmaller(SomeProblem.Of(sampler, 8), x => x * 0.03);
        var probes = SomeProblem.Probes(16, 1);
        using var dense = Trajectory.Record(problem with { Variants = null }, probes, default);
        using var adjoint = StateAdjoint.Compute(problem, dense, signs: 16, seed: 1, default);

        var damages = GapDamages.Measure(problem, dense, adjoint, default).ToGaps(0);

        for (var step = 0; step < 7; step++)
        {
            Assert.InRange(damages.Best(-1, 2 * step, 0)!.Damage, 0, 1e-12);
            Sized(step, []);
            Sized(step, [damages.Best(-1, (2 * step) + 1, 1)!.Action!]);
        }

        void Sized(int step, StepAction[] behind)
        {
            StepAction[] actions =
            [
                .. Enumerable.Repeat(new StepAction.Run(), step), new StepAction.Run(1), .. behind,
                .. Enumerable.Repeat(new StepAction.Run(), 7 - step - behind.Length),
            ];
            var measured = RelativeError.Mean(problem.Sample(actions, probes, default), dense.States[^1]);
            Assert.InRange(damages.Best(-1, (2 * step) + 1, behind.Length)!.Damage / measured, 0.5, 2);
        }
    }

    [Theory]
    [InlineData(0.0, 1)]
    [InlineData(9.0, 0)]
    public void A_network_at_half_the_price_is_run_twice_as_often_if_it_is_as_good_and_never_if_it_is_bad(
        double wrong, int network)
    {
        using var scope = NewDisposeScope();
        var problem = WithSmaller(SomeProblem.Of("ddim", 10), x => x * wrong);
        using var search = new StepSearch(
            problem, null, new(StepMethod.Solver, 3, StepAim.Sampler, Budget: 6),
            purpose => SomeProblem.Probes(8, purpose.Length));

        var table = Solve(search).Best.Table;

        Assert.All(table.Actions.OfType<StepAction.Run>(), run => Assert.Equal(network, run.Variant));
        Assert.Equal(network == 1 ? 6 : 3, table.Runs);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.05)]
    [InlineData(0.3)]
    public void A_choice_of_networks_is_no_worse_than_the_whole_one_alone_however_far_off_the_other_is(double wrong)
    {
        using var scope = NewDisposeScope();
        var problem = WithSmaller(SomeProblem.Of("ddim", 6), x => x * wrong);
        using var both = new StepSearch(
            problem, null, new(StepMethod.Solver, 2, StepAim.Sampler, Budget: 4), purpose => Drawn(purpose));
        using var whole = new StepSearch(
            problem with { Variants = null }, null, new(StepMethod.Solver, 2, StepAim.Sampler),
            purpose => Drawn(purpose));

        var (mixed, alone) = (Solve(both), Solve(whole));

        // What the whole network alone comes to is among what the choice is from.
        var names = new Dictionary<string, string>
        {
            ["searched"] = "whole network alone", ["dynamic program"] = "the same, dynamic program",
            ["searched, fitted"] = "whole network alone, fitted",
            ["searched from even runs"] = "searched from even runs",
            ["searched from even runs, fitted"] = "searched from even runs, fitted",
            ["uniform x0 forecast"] = "uniform x0 forecast",
        };
        foreach (var (own, name) in names)
            Assert.Equal(Loss(alone, own), Loss(mixed, name), 1e-9);
        Assert.InRange(mixed.Best.Loss, 0, alone.Best.Loss * (1 + 1e-9));

        static double Loss(StepSearchReport report, string name) =>
            report.Candidates.Single(candidate => candidate.Name == name).Loss;

        static Probes Drawn(string purpose) => SomeProblem.Probes(16, purpose.Length);
    }

    [Theory]
    [InlineData("ddim", StepAim.Sampler)]
    [InlineData("dpm-solver", StepAim.Sampler)]
    [InlineData("ddim", StepAim.Fine)]
    public void The_solver_is_no_worse_than_even_runs_on_noises_it_never_saw(string sampler, StepAim aim)
    {
        using var scope = NewDisposeScope();
        var problem = SomeProblem.Of(sampler, 12);
        var fine = SomeProblem.Of("ddim", 100);
        using var search = new StepSearch(
            problem, fine, new(StepMethod.Solver, 5, aim), purpose => SomeProblem.Probes(8, purpose.Length));

        var report = Solve(search);

        var probes = SomeProblem.Probes(32, 99);
        var target = (aim == StepAim.Fine ? fine : problem).Sample(null, probes, default);
        var solved = Error(report.Best.Table.Actions);
        Assert.Equal((5, 12), (report.Best.Table.Runs, report.Best.Table.DenseSteps));
        foreach (var kind in Enum.GetValues<ForecastKind>())
            foreach (var beta in (double[])[0, 1])
                Assert.True(solved <= Error(UniformSteps.Create(12, 5, new StepAction.Forecast(kind, beta))) * 1.05);
        var program = report.Candidates.Single(candidate => candidate.Name == "dynamic program");
        var measured = Error(program.Table.Actions);
        Assert.InRange(program.Loss, measured / 10, measured * 10);
        Assert.True(report.Predicted > 0 && report.Evaluations > 0);
        Assert.Equal(Enumerable.Range(1, 12), report.Front.Select(point => point.Runs));

        double Error(IReadOnlyList<StepAction> actions) =>
            RelativeError.Mean(problem.Sample(actions, probes, default), target);
    }

    [Fact]
    public void A_search_that_goes_on_from_its_text_ends_with_the_same_table()
    {
        var problem = SomeProblem.Of("ddim", 8);
        using var search = new StepSearch(
            problem, null, new(StepMethod.Solver, 4, StepAim.Sampler), _ => SomeProblem.Probes(4, 1));
        var whole = Solve(search);

        var state = search.Start(search.Measure(default), default);
        while (!state.Finished)
            state = search.Next(StepSearchState.FromJson(state.ToJson()), default);

        var resumed = search.Finish(state, default);
        Assert.Equal(whole.Best.Table, resumed.Best.Table);
        Assert.Equal(whole.Evaluations, resumed.Evaluations);
        Assert.Throws<InvalidDataException>(() => StepSearchState.FromJson(state.ToJson()[..40]));
    }

    [Fact]
    public void A_state_with_a_table_that_gives_no_numbers_is_kept()
    {
        var state = new StepSearchState(
            [new StepAction.Run()], double.PositiveInfinity, [],
            LocalSearch.Start([new StepAction.Run()], double.PositiveInfinity), 7);

        Assert.Equal(double.PositiveInfinity, StepSearchState.FromJson(state.ToJson()).Search!.Loss);
        var solvers = new SolverSearchState([new("ddim trailing 6", state, double.PositiveInfinity)]);
        Assert.Equal(
            double.PositiveInfinity, SolverSearchState.FromJson(solvers.ToJson()).Candidates.Single().OnProbes);
    }

    [Fact]
    public void Runs_that_leave_too_long_a_gap_are_refused_before_anything_is_measured()
    {
        var problem = SomeProblem.Of("ddim", 51);

        var refused = Assert.Throws<InvalidDataException>(() => new StepSearch(
            problem, null, new(StepMethod.Solver, 2, StepAim.Sampler), _ => SomeProblem.Probes(4, 1)));

        Assert.Contains("some gap is longer than 24 steps", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StepMethod.UniformReuse, 6)]
    [InlineData(StepMethod.UniformForecast, 6)]
    [InlineData(StepMethod.RandomReuse, 6)]
    [InlineData(StepMethod.Threshold, 6)]
    [InlineData(StepMethod.FewerSteps, 6)]
    public void Published_ways_make_tables_of_the_same_budget(StepMethod method, int most)
    {
        var problem = SomeProblem.Of("ddim", 12);
        using var search = new StepSearch(
            problem, null, new(method, most, StepAim.Sampler), _ => SomeProblem.Probes(4, 1));

        var report = search.Finish(search.Start(default), default);

        Assert.InRange(report.Best.Table.Runs, most - 1, most);
        Assert.Equal(method == StepMethod.FewerSteps ? 6 : 12, report.Best.Table.Steps);
        Assert.True(double.IsFinite(report.Best.Loss) && report.Best.Loss > 0);
        Assert.Null(report.Predicted);
    }

    [Theory]
    [InlineData(StepMethod.UniformReuse)]
    [InlineData(StepMethod.UniformForecast)]
    [InlineData(StepMethod.RandomReuse)]
    [InlineData(StepMethod.Threshold)]
    public void Published_ways_run_less_often_where_their_runs_fall_on_dear_steps(StepMethod method)
    {
        var problem = SomeProblem.Of("ddim", 12);
        // Half of the image's price lies in its first quarter.
        long[] prices = [.. Enumerable.Range(0, 12).Select(step => step < 3 ? 3L : 1L)];
        using var search = new StepSearch(
            problem with { Variants = new([problem.Network], [prices]) }, null,
            new(method, 6, StepAim.Sampler, Budget: 6), _ => SomeProblem.Probes(4, 1));

        var actions = search.Finish(search.Start(default), default).Best.Table.Actions;

        Assert.InRange(actions.Zip(prices).Sum(at => at.First is StepAction.Run ? at.Second : 0), 4, 6);
        Assert.InRange(actions.Count(action => action is StepAction.Run), 2, 5);
    }

    [Fact]
    public void The_seed_draws_which_steps_run_and_the_first_always_does()
    {
        var tables = Enumerable.Range(0, 20).Select(seed => UniformSteps.Random(9, 4, seed, new(0, 0))).ToArray();

        Assert.Equal(UniformSteps.Random(9, 4, 3, new(0, 0)), tables[3]);
        Assert.All(tables, table => Assert.Equal(4, table.Count(action => action is StepAction.Run)));
        Assert.All(tables, table => Assert.IsType<StepAction.Run>(table[0]));
        Assert.All(
            Enumerable.Range(1, 8), step => Assert.Contains(tables, table => table[step] is StepAction.Run));
    }

    // The network itself at a price of 2, and at 1 one whose output is off.
    private static StepProblem WithSmaller(StepProblem problem, Func<Tensor, Tensor> off) => problem with
    {
        Variants = new(
            [problem.Network, (x, t, labels) => problem.Network(x, t, labels) + off(x)],
            [[.. Enumerable.Repeat(2L, problem.Steps)], [.. Enumerable.Repeat(1L, problem.Steps)]]),
    };

    private static StepSearchReport Solve(StepSearch search)
    {
        var state = search.Start(search.Measure(default), default);
        while (!state.Finished)
            state = search.Next(state, default);
        return search.Finish(state, default);
    }

    // The whole run with this one gap; a forecast looks at the two steps just before it.
    private static double Measured(
        StepProblem problem, Trajectory dense,
        (int Before, int Last, int Length, StepAction.Forecast Action) gap)
    {
        using var scope = NewDisposeScope();
        var actions = Enumerable.Repeat<StepAction>(new StepAction.Run(), problem.Steps).ToArray();
        Array.Fill(actions, gap.Action, gap.Last + 1, gap.Length);
        return RelativeError.Mean(problem.Sample(actions, dense.Probes, default), dense.States[^1]);
    }

    private static double Spearman(double[] a, double[] b)
    {
        double[] x = Ranks(a), y = Ranks(b);
        var mean = (a.Length - 1) / 2.0;
        return x.Zip(y, (p, q) => (p - mean) * (q - mean)).Sum() / x.Sum(p => (p - mean) * (p - mean));
    }

    private static double[] Ranks(double[] values)
    {
        var ranks = new double[values.Length];
        foreach (var (index, rank) in values.Select((value, index) => (value, index)).OrderBy(pair => pair.value)
            .Select((pair, rank) => (pair.index, rank)))
            ranks[index] = rank;
        return ranks;
    }
}
