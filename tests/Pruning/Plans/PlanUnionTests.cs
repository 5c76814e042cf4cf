using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;

namespace Mlops.Tests.Pruning.Plans;

public sealed class PlanUnionTests
{
    private static readonly StepAction Forecast = new StepAction.Forecast(ForecastKind.Noise, 1);

    // DDIM's four steps of twenty timesteps are at 15, 10, 5 and 0.
    private static readonly StepTable Table = new("ddim", 4, 1, false, StepAim.Sampler,
        [new StepAction.Run(), Forecast, new StepAction.Run(), new StepAction.Run()]);

    [Fact]
    public void Each_timestep_lacks_what_either_plan_leaves_out_and_channels_are_numbered_as_in_the_dense_network()
    {
        var given = Plan("a", t => t < 5 ? Variant(["x"]) : Variant(["y"]));
        var then = Plan("b", _ => Variant(["y", "z"]));

        var union = PlanUnion.Of(given, then, SomeNetwork.Scheduler);
        var sliced = PlanUnion.Of(
            Plan("a", _ => Variant(["x"], ("root", [1, 4, 6]), ("other", [0]))),
            Plan("b", t => t < 5 ? Variant([], ("root", [0, 2])) : Variant(["y"], ("root", [0, 2]))),
            SomeNetwork.Scheduler);

        Assert.Equal([new(0, 5), new(1, 15)], union.Rows);
        Assert.Equal([["x", "y", "z"], ["y", "z"]], union.Variants.Select(variant => variant.Skip));
        Assert.Equal(["y", "z"], union.NeverRun);
        Assert.Equal(("a + b", 0.4), (union.Method, union.KeptRatio));
        Assert.Equal([["x"], ["x", "y"]], sliced.Variants.Select(variant => variant.Skip));
        Assert.All(sliced.Variants, variant =>
        {
            Assert.Equal([1, 6], variant.Keep["root"]);
            Assert.Equal([0], variant.Keep["other"]);
        });
    }

    [Fact]
    public void The_runs_of_a_step_table_take_the_variant_of_the_other_plan_at_their_timestep()
    {
        var routed = Plan("a", t => t < 7 ? Variant(["x"]) : PlanVariant.Dense);
        var constant = Plan("b", _ => Variant(["z"]));

        var tableLast = PlanUnion.Of(routed, constant.WithSteps(Table), SomeNetwork.Scheduler);
        var tableFirst = PlanUnion.Of(constant.WithSteps(Table), routed, SomeNetwork.Scheduler);

        foreach (var union in (PruningPlan[])[tableLast, tableFirst])
            Assert.Equal(
                [["z"], null, ["x", "z"], ["x", "z"]],
                union.Steps!.Actions.Select(action => action is StepAction.Run run
                    ? union.Variants[run.Variant].Skip : null));
        Assert.Equal(Forecast, tableFirst.Steps!.Actions[1]);
        Assert.Equal(tableLast.Rows, tableFirst.Rows);
    }

    [Fact]
    public void A_second_step_table_and_a_plan_of_another_length_are_refused()
    {
        var plan = Plan("a", _ => PlanVariant.Dense);
        var tables = Assert.Throws<InvalidDataException>(
            () => PlanUnion.Of(plan.WithSteps(Table), plan.WithSteps(Table), SomeNetwork.Scheduler));
        var lengths = Assert.Throws<InvalidDataException>(() => PlanUnion.Of(
            plan, PruningPlan.Constant("b", 7, PlanVariant.Dense, 1), SomeNetwork.Scheduler));

        Assert.Contains("has a step table already (ddim, 3 of 4 steps run)", tables.Message);
        Assert.Contains("20 native timesteps but the new one 7", lengths.Message);
        Assert.Same(plan, PlanUnion.Of(null, plan, SomeNetwork.Scheduler));
    }

    private static PruningPlan Plan(string method, Func<int, PlanVariant> at) => PruningPlan.FromTable(
        method, [.. Enumerable.Range(0, 20).Select(at)], method == "a" ? 0.8 : 0.5);

    private static PlanVariant Variant(string[] skip, params (string Root, long[] Channels)[] keep) =>
        new(skip, keep.ToDictionary(each => each.Root, each => (IReadOnlyList<long>)each.Channels));
}
