using Mlops.Diffusion.Models;
using Mlops.Pruning.Alter;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Stages;

namespace Mlops.Tests.Pruning.Plans;

public sealed class PruningPlanTests
{
    private static readonly LayerInfo[] Layers =
    [
        new(0, "down_blocks.0.resnets.0", LayerKind.ResNet),
        new(1, "down_blocks.1.attentions.0", LayerKind.Attention),
        new(2, "up_blocks.0.resnets.1", LayerKind.ResNet),
    ];

    [Fact]
    public void Equal_variants_are_merged_and_rows_are_run_length_coded()
    {
        bool[][] masks = [[true, true, true], [true, false, true], [true, false, true], [true, true, true]];

        var plan = PruningPlan.FromMasks("alter", Layers, masks, 0.8);

        Assert.Equal(2, plan.Variants.Count);
        Assert.Equal([new PlanRow(0, 1), new PlanRow(1, 2), new PlanRow(0, 1)], plan.Rows);
        Assert.Equal([0, 1, 1, 0], Enumerable.Range(0, 4).Select(t => plan.VariantAt(t)));
        Assert.Equal([true, false, true], plan.RunMask(1, Layers));
    }

    [Fact]
    public void A_plan_survives_its_file()
    {
        var keep = new Dictionary<string, IReadOnlyList<long>> { ["conv_in"] = [0L, 2L, 5L] };
        var plan = PruningPlan.Constant("magnitude", 100, new PlanVariant(["down_blocks.0.resnets.0"], keep), 0.625);

        var read = PlanFile.FromJson(PlanFile.ToJson(plan), "plan");

        Assert.Equal(plan.Variants, read.Variants);
        Assert.Equal(plan.Rows, read.Rows);
        Assert.Equal(("magnitude", 0.625, 100), (read.Method, read.KeptRatio, read.Timesteps));
    }

    [Fact]
    public void The_file_has_the_agreed_shape()
    {
        var plan = PruningPlan.FromMasks("alter", Layers, [[true, true, true], [false, true, true]], 0.75);

        var json = PlanFile.ToJson(plan).ReplaceLineEndings("").Replace(" ", "");

        Assert.Equal("""
            {"format":"mlops.pruning-plan/1","method":"alter","timesteps":2,"rows":[[0,1],[1,1]],"variants":[{"skip":[],
            "keep":{}},{"skip":["down_blocks.0.resnets.0"],"keep":{}}],"kept_ratio":0.75}
            """.ReplaceLineEndings("").Replace(" ", ""), json);
    }

    [Theory]
    [InlineData("\"kept_ratio\": 0.75", "\"kept_ratio\": 1.5", "kept_ratio")]
    [InlineData("\"kept_ratio\": 0.75", "\"kept\": 0.75", "kept")]
    [InlineData("\"timesteps\": 2", "\"timesteps\": 3", "rows for 2 timesteps but says 3")]
    [InlineData("[[0,1],[1,1]]", "[[0,1],[7,1]]", "outside [0, 2)")]
    [InlineData("[[0,1],[1,1]]", "[[0,1],[1,1],[1,0]]", "positive length")]
    [InlineData("plan/1", "plan/9", "format 'mlops.pruning-plan/9'")]
    [InlineData("{\"skip\":[],\"keep\":{}}", "{\"skip\":[],\"keep\":{\"conv_in\":[2,1]}}", "ascending order")]
    [InlineData("{\"skip\":[],\"keep\":{}}", "null", "null where")]
    public void A_broken_file_is_refused_with_what_is_wrong(string text, string broken, string complaint)
    {
        var plan = PruningPlan.FromMasks("alter", Layers, [[true, true, true], [false, true, true]], 0.75);
        var json = PlanFile.ToJson(plan);
        Assert.Contains(text, json);

        var refusal = Assert.Throws<InvalidDataException>(
            () => PlanFile.FromJson(json.Replace(text, broken), "here.json"));

        Assert.Contains("here.json", refusal.Message);
        Assert.Contains(complaint, refusal.Message);
    }

    [Fact]
    public void A_plan_for_another_model_is_refused_by_the_layer_it_names()
    {
        var plan = PruningPlan.Constant("alter", 10, new PlanVariant(["transformer_blocks.3"]), 0.9);

        var refusal = Assert.Throws<InvalidDataException>(() => plan.RunMask(0, Layers));

        Assert.Contains("transformer_blocks.3", refusal.Message);
    }

    [Fact]
    public void A_plan_says_whether_its_channels_change_with_the_timestep()
    {
        var sliced = new PlanVariant([], new Dictionary<string, IReadOnlyList<long>> { ["conv_in"] = [0L] });

        var routed = PruningPlan.FromTable("x", [sliced, PlanVariant.Dense], 0.5);

        Assert.True(routed.RoutesChannels);
        Assert.False(PruningPlan.Constant("x", 2, sliced, 0.5).RoutesChannels);
        Assert.Equal(routed.Variants, PlanFile.FromJson(PlanFile.ToJson(routed), "plan").Variants);
        Assert.Contains("keeps other channels at other timesteps, which training cannot follow yet",
            Assert.Throws<InvalidDataException>(() => HardTable.FromPlan(routed, Layers)).Message);
    }

    [Fact]
    public void The_kept_ratio_is_the_mean_over_native_timesteps_of_the_macs_that_remain()
    {
        bool[][] masks = [[true, true, true], [false, true, true], [false, true, false], [true, true, true]];
        var plan = PruningPlan.FromMasks("alter", Layers, masks, 1);
        long[] costs = [40, 10, 30];

        var ratio = PlanCosts.KeptRatio(plan, Layers, costs, 100);
        var weighted = PlanCosts.KeptRatio(plan, Layers, costs, 100, [0, 1, 3, 0]);

        Assert.Equal((1 + 0.6 + 0.3 + 1) / 4, ratio, 5e-13);
        Assert.Equal((0.6 + (3 * 0.3)) / 4, weighted, 5e-13);
    }

    [Fact]
    public void A_timestep_outside_the_table_is_named()
    {
        var plan = PruningPlan.FromStages(
            "diff-es", StageBounds.Even(2, 10), [PlanVariant.Dense, new PlanVariant(["a"])], 0.9);

        Assert.Equal(1, plan.VariantAt(9));
        Assert.Throws<ArgumentOutOfRangeException>(() => plan.VariantAt(10));
    }
}
