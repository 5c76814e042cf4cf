using Mlops.Diffusion.Models;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Search;
using Mlops.Pruning.Stages;

namespace Mlops.Tests.Pruning.Search;

public sealed class StageLevelsTests
{
    private const long Total = 100;

    private static readonly LayerInfo[] Layers =
        [new(0, "a", LayerKind.ResNet), new(1, "b", LayerKind.Attention), new(2, "c", LayerKind.ResNet)];

    private static readonly long[] Macs = [10, 20, 40];

    // The first stage drops b, a, c in this order, the second c, b, a.
    private static readonly ImportanceScores Scores = new(
        "block-cosine", ScoreTarget.Layers, StageBounds.At([250]),
        [new("a", [[2], [5]]), new("b", [[1], [4]]), new("c", [[6], [2]])]);

    [Fact]
    public void Level_of_blocks_skips_that_many_layers_of_the_stages_own_order()
    {
        var plan = StageLevels.OfBlocks(Scores, Macs, Total).ToPlan([2, 1]);

        Assert.Equal(["a", "b"], plan.Variants[plan.VariantAt(249)].Skip);
        Assert.Equal(["c"], plan.Variants[plan.VariantAt(250)].Skip);
        Assert.Equal([new PlanRow(0, 250), new PlanRow(1, 750)], plan.Rows);
    }

    [Theory]
    [InlineData(0.01, 70)]
    [InlineData(0.05, 14)]
    [InlineData(0.03, 23)]   // 70 is no multiple
    public void Level_of_quanta_frees_its_macs_at_the_least_score(double quantum, int highest)
    {
        var levels = StageLevels.OfQuanta(Scores, Macs, Total, quantum);

        Assert.Equal(highest, levels.MaxLevel);
        for (var stage = 0; stage < 2; stage++)
            for (var level = 0; level <= highest; level++)
            {
                var skip = levels.Skips[stage][level];
                var freed = skip.Sum(layer => Macs[layer]);
                Assert.True(freed >= (level * quantum * Total) - 1e-9);
                Assert.Equal(1 - (freed / 100.0), levels.Kept[stage][level], 1e-12);
                var best = Enumerable.Range(0, 8)
                    .Where(set => Members(set).Sum(layer => Macs[layer]) >= (level * quantum * Total) - 1e-9)
                    .Min(set => Loss(stage, Members(set)));
                Assert.Equal(best, Loss(stage, skip), 1e-12);
            }

        static IEnumerable<int> Members(int set) => Enumerable.Range(0, 3).Where(layer => (set >> layer & 1) == 1);
        static double Loss(int stage, IEnumerable<int> skip) =>
            skip.Sum(layer => Scores.PerStageAndLayer()[stage][layer]);
    }

    [Fact]
    public void Quantum_is_a_hundredth_or_the_cheapest_layer_where_layers_are_coarse()
    {
        var (fine, coarse) = (
            StageLevels.OfQuanta(Scores, [0, 30, 600], 1000), StageLevels.OfQuanta(Scores, [300, 300, 300], 1000));

        Assert.Equal((0.03, 21), (fine.Quantum, fine.MaxLevel));
        Assert.Equal((0.3, 3), (coarse.Quantum, coarse.MaxLevel));
        Assert.Equal(0.01, StageLevels.OfQuanta(Scores, [1, 20, 680], 1000).Quantum);
        Assert.Equal([0, 1, 2, 3], coarse.Skips[0].Select(skip => skip.Count));
    }

    [Fact]
    public void Level_0_is_the_whole_network_in_every_stage()
    {
        var plan = StageLevels.OfQuanta(Scores, Macs, Total, 0.01).ToPlan([0, 0]);

        Assert.Equal([PlanVariant.Dense], plan.Variants);
        Assert.Equal(1, plan.KeptRatio);
    }

    [Fact]
    public void Kept_ratio_of_a_plan_agrees_with_the_count_on_its_masks()
    {
        var levels = StageLevels.OfQuanta(Scores, Macs, Total, 0.05);

        foreach (var schedule in new int[][] { [0, 0], [2, 7], [14, 3], [9, 14] })
        {
            var plan = levels.ToPlan(schedule);
            Assert.Equal(PlanCosts.KeptRatio(plan, Layers, Macs, Total), plan.KeptRatio, 1e-12);
        }
    }

    [Fact]
    public void Levels_that_do_not_fit_the_model_or_the_schedule_are_refused()
    {
        var levels = StageLevels.OfBlocks(Scores, Macs, Total);
        using var model = SomeNetwork.DiT();

        Assert.Throws<InvalidDataException>(() => levels.Validate(model));
        Assert.Throws<InvalidDataException>(() => levels.ToPlan([4, 0]));
        Assert.Throws<InvalidDataException>(() => levels.ToPlan([1]));
        Assert.Contains("no layer that may be left out", Assert.Throws<InvalidDataException>(
            () => StageLevels.OfQuanta(Scores with { Structures = [] }, [], Total, 0.01)).Message);
    }
}
