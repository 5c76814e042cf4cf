using Mlops.Pruning.Steps;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Steps;

public sealed class PartialGapsTests
{
    private const int Steps = 8, Runs = 3;

    [Fact]
    public void A_gap_costs_what_sampling_with_it_alone_does()
    {
        using var scope = NewDisposeScope();
        using var network = SomeNetwork.UNet();
        var (problem, probes) = (SomeProblem.WithLayers(network, Steps), Probes.Draw(network, 1, "gaps", 2));
        var inner = LayerPatterns.Inner(network, 1);

        var gaps = PartialGaps.Measure(problem, inner with { Beta = 1 }, probes, default);

        var run = new StepAction.Run();
        StepAction[] table = [run, run, inner, inner, inner, run, run, run];
        var expected = RelativeError.Mean(
            problem.Sample(table, probes, default), problem.Sample(null, probes, default));
        Assert.Equal(inner, gaps.Best(0, 1, 3)!.Action);
        Assert.InRange(gaps.Best(0, 1, 3)!.Damage, expected * (1 - 1e-4), expected * (1 + 1e-4));
        Assert.Equal(gaps.Best(0, 1, 3), gaps.Best(-1, 1, 3));
        Assert.Null(gaps.Best(0, 5, 3));
        // Each table is sampled from where it differs from the one before, after the one run that fills the cache.
        var sampled = Enumerable.Range(0, Steps - 1).Sum(last => Enumerable.Range(1, Steps - 1 - last)
            .Sum(length => 1 + Steps - last - (length == 1 && last > 0 ? 0 : length)));
        Assert.Equal(2 * (Steps + sampled), gaps.Evaluations);
    }

    [Theory]
    [InlineData("unet", "layers")]
    [InlineData("unet", "inner")]
    [InlineData("dit", "layers")]
    [InlineData("dit", "inner")]
    public void The_solver_runs_the_network_where_it_matters_and_is_no_worse_than_even_runs(
        string model, string pattern)
    {
        using var scope = NewDisposeScope();
        using var network = model == "unet" ? SomeNetwork.UNet() : SomeNetwork.DiT();
        var between = pattern == "layers" ? LayerPatterns.All(network, 0) : LayerPatterns.Inner(network, 1);
        var problem = SomeProblem.WithLayers(network, Steps);
        using var search = new StepSearch(
            problem, null, new(StepMethod.Solver, Runs, StepAim.Sampler, Between: between),
            purpose => Probes.Draw(network, 2, purpose, 4));

        var state = search.Start(search.Measure(default), default);
        while (!state.Finished)
            state = search.Next(StepSearchState.FromJson(state.ToJson()), default);
        var report = search.Finish(state, default);

        var table = report.Best.Table.Checked("here");
        Assert.Equal((Runs, Steps), (table.Runs, table.Steps));
        Assert.Equal(Steps - Runs, table.Actions.Count(action => action is StepAction.Partial));
        foreach (var even in report.Candidates.Where(candidate => candidate.Name.StartsWith("even")))
            Assert.InRange(report.Best.Loss, 0, even.Loss);
        Assert.InRange(state.Search!.Loss, double.Epsilon, Error(state.First));
        Assert.InRange(Error(state.Search.Actions), state.Search.Loss, state.Search.Loss * (1 + 2e-4));
        foreach (var beta in (double[])[0, 1])
            Assert.InRange(
                state.Rival!.Search!.Loss, double.Epsilon,
                Error(UniformSteps.Create(Steps, Runs, between with { Beta = beta })));
        var costs = StepCosts.Tabled(table, null, network).Macs / StepCosts.Dense(network, Steps).Macs;
        Assert.Equal(costs, report.Front.Single(point => point.Runs == Runs).TotalMacs!.Value, 1e-9);

        double Error(IReadOnlyList<StepAction> actions)
        {
            var probes = Probes.Draw(network, 2, StepSearch.Search, 4);
            return RelativeError.Mean(
                problem.Sample(actions, probes, default), problem.Sample(null, probes, default)) * (1 + 1e-4);
        }
    }
}
