using Mlops.Pruning.Alter;

namespace Mlops.Tests.Pruning.Alter;

public sealed class MaskFreezerTests
{
    private const int Experts = 4, Timesteps = 1000;

    private static readonly LayerCosts Costs = new([300, 120, 80, 200, 60, 40], 1000);

    [Theory]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.65)]
    [InlineData(0.99)]
    public void The_frozen_table_misses_the_budget_by_less_than_one_layer(double budget)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var (gates, routing) = Logits(seed);

            var frozen = MaskFreezer.Freeze(gates, routing, Experts, Costs, budget);

            Assert.InRange(frozen.KeptRatio, budget - Costs.Shares.Max(), budget + 1e-9);
            Assert.Equal(frozen.Table.KeptRatio(Costs), frozen.KeptRatio);
        }
    }

    [Fact]
    public void Keeping_one_more_gate_would_exceed_the_budget()
    {
        var (gates, routing) = Logits(7);

        var frozen = MaskFreezer.Freeze(gates, routing, Experts, Costs, 0.6);

        var next = gates.Where(gate => gate < frozen.Threshold).Max();
        Assert.True(HardTable.Threshold(gates, routing, Experts, next).KeptRatio(Costs) > 0.6);
    }

    [Fact]
    public void The_table_has_no_more_masks_than_experts()
    {
        var (gates, routing) = Logits(3);

        var table = MaskFreezer.Freeze(gates, routing, Experts, Costs, 0.5).Table;

        var rows = Enumerable.Range(0, Timesteps).Select(t => string.Join(',', table.MaskAt(t))).Distinct().Count();
        Assert.InRange(rows, 1, Experts);
    }

    [Fact]
    public void Equal_logits_still_hit_the_budget()
    {
        var gates = new float[Experts * 6];
        var routing = new float[Timesteps * Experts];

        var frozen = MaskFreezer.Freeze(gates, routing, Experts, Costs, 0.65);

        Assert.InRange(frozen.KeptRatio, 0.65 - Costs.Shares.Max(), 0.65 + 1e-9);
    }

    [Fact]
    public void A_budget_of_one_keeps_every_layer()
    {
        var (gates, routing) = Logits(1);

        var frozen = MaskFreezer.Freeze(gates, routing, Experts, Costs, 1);

        Assert.All(frozen.Table.Experts, mask => Assert.DoesNotContain(false, mask));
    }

    [Fact]
    public void A_budget_below_the_fixed_part_names_the_smallest_reachable_ratio()
    {
        var (gates, routing) = Logits(1);

        var error = Assert.Throws<InvalidDataException>(
            () => MaskFreezer.Freeze(gates, routing, Experts, Costs, 0.15));

        Assert.Contains("0.2000", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Against every choice of gates: least worth is lost among those that keep the budget, but for the
    /// knapsack's rounding of costs.</summary>
    [Theory]
    [InlineData(0.5)]
    [InlineData(0.65)]
    [InlineData(0.8)]
    public void Gates_that_are_worth_least_are_closed(double budget)
    {
        int[] route = [.. Enumerable.Repeat(0, 30), .. Enumerable.Repeat(1, 70)];
        var random = new Random(4);
        double[][] worth = [.. Enumerable.Range(0, 2).Select(_ => Draw().ToArray())];
        float[] keep = [.. Draw().Concat(Draw()).Select(value => (float)value)];

        var frozen = MaskFreezer.Freeze(worth, keep, route, Costs, budget);

        var least = Enumerable.Range(0, 1 << 12)
            .Select(bits => new HardTable(
                [.. Enumerable.Range(0, 2).Select(expert => Enumerable.Range(0, 6)
                    .Select(layer => (bits >> ((expert * 6) + layer) & 1) == 1).ToArray())],
                route))
            .Where(table => table.KeptRatio(Costs) <= budget + 1e-9).Min(Lost);
        Assert.InRange(frozen.KeptRatio, 0, budget + 1e-9);
        Assert.Equal(frozen.Table.KeptRatio(Costs), frozen.KeptRatio);
        Assert.InRange(Lost(frozen.Table), least * (1 - 1e-9), least * 1.03);

        IEnumerable<double> Draw() => Enumerable.Range(0, 6).Select(_ => 0.05 + random.NextDouble());

        double Lost(HardTable table) => Enumerable.Range(0, 12)
            .Where(gate => !table.Experts[gate / 6][gate % 6])
            .Sum(gate => (gate < 6 ? 30 : 70) * worth[gate / 6][gate % 6] * keep[gate]);
    }

    [Fact]
    public void Logits_that_are_not_numbers_are_refused()
    {
        var (gates, routing) = Logits(1);
        gates[3] = float.NaN;

        Assert.Throws<InvalidDataException>(() => MaskFreezer.Freeze(gates, routing, Experts, Costs, 0.6));
    }

    [Fact]
    public void Equal_experts_make_the_router_irrelevant()
    {
        bool[] mask = [true, false, true, true, false, true];
        var (_, routing) = Logits(1);
        var (_, others) = Logits(2);
        float[] gates = [.. Enumerable.Repeat(mask, Experts).SelectMany(row => row).Select(run => run ? 1f : -1f)];

        var one = HardTable.Threshold(gates, routing, Experts, 0);
        var two = HardTable.Threshold(gates, others, Experts, 0);

        Assert.NotEqual(one.Route, two.Route);
        Assert.Equal(0, one.FlipRate(two));
    }

    private static (float[] Gates, float[] Routing) Logits(int seed)
    {
        var random = new Random(seed);
        return ([.. Draw(Experts * Costs.Shares.Count)], [.. Draw(Timesteps * Experts)]);

        IEnumerable<float> Draw(int count) =>
            Enumerable.Range(0, count).Select(_ => (float)(8 * random.NextDouble() - 4)).ToArray();
    }
}
