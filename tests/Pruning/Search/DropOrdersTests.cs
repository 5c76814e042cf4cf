using Mlops.Diffusion.Models;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Search;
using Mlops.Pruning.Stages;

namespace Mlops.Tests.Pruning.Search;

public sealed class DropOrdersTests
{
    private static readonly LayerInfo[] Layers =
        [new(0, "a", LayerKind.ResNet), new(1, "b", LayerKind.Attention), new(2, "c", LayerKind.ResNet)];

    private static readonly long[] Macs = [10, 20, 40];
    private static readonly DropOrders Orders = new(StageBounds.At([250]), [["b", "a", "c"], ["c", "b", "a"]]);

    [Fact]
    public void Level_skips_that_many_layers_of_the_stages_own_order()
    {
        var plan = Orders.ToPlan([2, 1], 0.5);

        Assert.Equal(["a", "b"], plan.Variants[plan.VariantAt(249)].Skip);
        Assert.Equal(["c"], plan.Variants[plan.VariantAt(250)].Skip);
        Assert.Equal([new PlanRow(0, 250), new PlanRow(1, 750)], plan.Rows);
    }

    [Fact]
    public void Cost_table_agrees_with_the_count_on_the_real_masks()
    {
        var space = SearchSpace.OfMacs(Orders.KeptMacs(Layers, Macs, 100), 0.6);

        foreach (var levels in new int[][] { [0, 0], [2, 1], [3, 3], [1, 2] })
            Assert.Equal(
                PlanCosts.KeptRatio(Orders.ToPlan(levels, 1), Layers, Macs, 100), space.Kept(levels), 5e-13);
    }

    [Fact]
    public void Orders_that_do_not_fit_the_model_are_refused()
    {
        Orders.Validate(Layers);

        Assert.Throws<InvalidDataException>(() => Orders.Validate(Layers[..2]));
        Assert.Throws<InvalidDataException>(() => (Orders with { Orders = [["a"]] }).Validate(Layers));
        Assert.Throws<InvalidDataException>(() => (Orders with { Orders = [["a", "a"], ["b", "a"]] }).Validate(Layers));
        Assert.Throws<InvalidDataException>(() => Orders.ToPlan([4, 0], 1));
        Assert.Throws<InvalidDataException>(() => Orders.ToPlan([1], 1));
    }
}
