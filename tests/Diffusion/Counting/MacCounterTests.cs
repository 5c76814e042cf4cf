using System.Text.Json.Nodes;
using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.Tests.Diffusion.Models;
using Mlops.Tests.Support;

namespace Mlops.Tests.Diffusion.Counting;

public sealed class MacCounterTests
{
    [ReferenceTheory]
    [InlineData("unet2d-cifar")]
    [InlineData("unet2d-classes")]
    [InlineData("unet2d-scaleshift")]
    [InlineData("dit-xl-like")]
    [InlineData("sit-like")]
    public void Every_module_costs_what_the_reference_counts(string name)
    {
        var folder = Reference.Path($"goldens/models/{name}");
        var expected = Json(Path.Combine(folder, "counts.json"));
        var call = Json(Path.Combine(folder, "case.json"))["calls"]![0]!["inputs"]!.AsObject();
        var shape = (call["sample"] ?? call["hidden_states"])!["shape"]!.AsArray().Select(size => (long)size!).ToList();
        using var model = ModelFamily.ShapeOnly(ModelFolder.Config(folder));

        var cost = MacCounter.Count(model, shape[0], (shape[2], shape[3]));

        Assert.Equal((long)expected["totals"]!["params"]!, cost.Parameters);
        Assert.Equal((long)expected["totals"]!["macs_conv"]!, cost.Conv);
        Assert.Equal((long)expected["totals"]!["macs_linear"]!, cost.Linear);
        Assert.Equal((long)expected["totals"]!["macs_attention"]!, cost.Attention);
        Assert.Equal(
            expected["modules"]!.AsArray().Select(module => new ModuleCost(
                (string)module!["name"]!, (string)module["type"]!, (long)module["params"]!, (long)module["macs_conv"]!,
                (long)module["macs_linear"]!, (long)module["macs_attention"]!)).OrderBy(module => module.Name),
            cost.Modules.OrderBy(module => module.Name));
    }

    [ReferenceTheory]
    [InlineData("google/ddpm-cifar10-32")]
    [InlineData("google/ddpm-celebahq-256 (also bedroom/church/cat)")]
    [InlineData("facebook/DiT-XL-2-256 transformer")]
    public void Well_known_networks_are_counted_without_weights(string name)
    {
        var entry = Json(Reference.Path("goldens/counts/real-configurations.json")).AsArray()
            .Single(item => (string)item!["name"]! == name)!;
        var values = entry["config"]!.DeepClone().AsObject();
        values["_class_name"] = (string)entry["class"]!;
        using var model = ModelFamily.ShapeOnly(ModelConfig.Parse(values.ToJsonString()));

        var cost = MacCounter.Count(model);

        Assert.Equal((long)entry["params"]!, cost.Parameters);
        Assert.Equal((long)entry["macs_conv"]!, cost.Conv);
        Assert.Equal((long)entry["macs_linear"]!, cost.Linear);
        Assert.Equal((long)entry["macs_attention"]!, cost.Attention);
        Assert.Equal((long)entry["macs_total"]!, cost.Macs);
    }

    [Fact]
    public void The_published_network_of_skip_blocks_has_the_parameters_that_the_reference_counts()
    {
        using var model = ModelFamily.ShapeOnly(ModelConfig.Parse("""
            {"_class_name": "UNet2DModel", "sample_size": 256, "in_channels": 3, "out_channels": 3, "act_fn": "silu",
             "block_out_channels": [128, 128, 256, 256, 256, 256, 256], "layers_per_block": 2, "norm_eps": 1e-6,
             "norm_num_groups": null, "attention_head_dim": null, "mid_block_scale_factor": 1.4142135623730951,
             "time_embedding_type": "fourier", "flip_sin_to_cos": true, "freq_shift": 0, "downsample_padding": 1,
             "down_block_types": ["SkipDownBlock2D", "SkipDownBlock2D", "SkipDownBlock2D", "SkipDownBlock2D",
                 "AttnSkipDownBlock2D", "SkipDownBlock2D", "SkipDownBlock2D"],
             "up_block_types": ["SkipUpBlock2D", "SkipUpBlock2D", "AttnSkipUpBlock2D", "SkipUpBlock2D",
                 "SkipUpBlock2D", "SkipUpBlock2D", "SkipUpBlock2D"]}
            """));

        Assert.Equal(65_574_549, MacCounter.Count(model).Parameters);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_masked_network_costs_the_dense_one_less_its_skipped_layers(bool unet)
    {
        using var model = ModelFamily.ShapeOnly(unet ? SomeModels.UNet : SomeModels.DiT);
        var run = model.Layers.Select(layer => layer.Index % 2 == 1).ToList();

        var layers = MacCounter.LayerCosts(model);
        var dense = MacCounter.Count(model);
        var masked = MacCounter.Count(model, run: run);

        Assert.All(layers, cost => Assert.True(cost > 0));
        Assert.Equal(dense.Macs - layers.Where((_, index) => !run[index]).Sum(), masked.Macs);
        Assert.Equal(dense.Parameters, masked.Parameters);
    }

    [Fact]
    public void Macs_grow_with_the_batch_and_follow_the_input_size()
    {
        using var model = ModelFamily.ShapeOnly(SomeModels.UNet);

        var one = MacCounter.Count(model);
        var three = MacCounter.Count(model, batch: 3);
        var wide = MacCounter.Count(model, size: (8, 16));

        Assert.Equal(3 * one.Macs, three.Macs);
        Assert.Equal(2 * one.Conv, wide.Conv);
        Assert.Equal(4 * one.Attention, wide.Attention);
    }

    [Fact]
    public void A_mask_of_the_wrong_length_is_refused()
    {
        using var model = ModelFamily.ShapeOnly(SomeModels.DiT);

        Assert.Throws<ArgumentException>(() => MacCounter.Count(model, run: [true]));
    }

    private static JsonNode Json(string path) => JsonNode.Parse(File.ReadAllText(path))!;
}
