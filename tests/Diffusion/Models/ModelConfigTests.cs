using System.Text.Json.Nodes;
using Mlops.Diffusion.Models;
using Mlops.Tests.Support;

namespace Mlops.Tests.Diffusion.Models;

public sealed class ModelConfigTests
{
    [Fact]
    public void Entries_that_nobody_knows_are_kept_in_place()
    {
        using var folder = new TemporaryFolder();

        SomeModels.UNet.Write(folder.File("config.json"));
        var read = ModelConfig.Read(folder.File("config.json"));

        Assert.True((bool)read.Node("an_entry_of_tomorrow")!["kept"]!);
        Assert.Equal(SomeModels.UNet.ToJson(), read.ToJson());
    }

    [Fact]
    public void With_changes_a_copy()
    {
        var changed = SomeModels.UNet.With("layers_per_block", JsonValue.Create(1)).With("sample_size", null);

        Assert.Equal(1, changed.Integer("layers_per_block", 0));
        Assert.False(changed.Has("sample_size"));
        Assert.Equal(2, SomeModels.UNet.Integer("layers_per_block", 0));
    }

    [Theory]
    [InlineData("""{"_class_name":"FluxTransformer2DModel"}""", "supported are UNet2DModel")]
    [InlineData("""{"layers_per_block":2}""", "_class_name")]
    [InlineData("""[]""", "no JSON object")]
    [InlineData("""{"_class_name":"UNet2DModel",""", "not valid JSON")]
    [InlineData("""{"_class_name":"UNet2DModel","_class_name":"UNet2DModel"}""", "not valid JSON")]
    public void A_config_that_names_no_known_network_is_refused(string json, string expected)
    {
        var error = Assert.Throws<InvalidDataException>(() => ModelConfig.Parse(json, "some/config.json"));

        Assert.Contains(expected, error.Message);
        Assert.StartsWith("some/config.json", error.Message);
    }

    [Theory]
    [InlineData("layers_per_block", "\"two\"", "a whole number")]
    [InlineData("layers_per_block", "2.5", "a whole number")]
    [InlineData("layers_per_block", "0", "positive")]
    [InlineData("layers_per_block", "100000000", "positive and at most 1048576")]
    [InlineData("layers_per_block", "1000000", "at most 64")]
    [InlineData("block_out_channels", "[8, 8000000]", "at most 16 widths of at most 1048576")]
    [InlineData("norm_eps", "true", "a number")]
    [InlineData("center_input_sample", "1", "true or false")]
    [InlineData("act_fn", "\"snake\"", "one of silu")]
    [InlineData("down_block_types", "[\"DownBlock2D\",\"KDownBlock2D\"]", "made of DownBlock2D")]
    [InlineData("down_block_types", "[\"DownBlock2D\",\"AttnSkipDownBlock2D\"]", "multiples of 32")]
    [InlineData("up_block_types", "[\"UpBlock2D\"]", "as long as")]
    [InlineData("up_block_types", "\"UpBlock2D\"", "a list of names")]
    [InlineData("norm_num_groups", "5", "multiples of norm_num_groups")]
    [InlineData("attention_head_dim", "64", "every block can hold")]
    [InlineData("time_embedding_type", "\"rotary\"", "one of positional")]
    [InlineData("time_embedding_type", "\"learned\"", "given when time_embedding_type is learned")]
    [InlineData("class_embed_type", "\"projection\"", "null, timestep or identity")]
    [InlineData("resnet_time_scale_shift", "\"spatial\"", "one of default")]
    public void A_unet_option_that_is_not_built_is_refused_by_name(string key, string value, string expected)
    {
        var config = SomeModels.UNet.With(key, JsonNode.Parse(value));

        var error = Assert.Throws<InvalidDataException>(() => ModelFamily.ShapeOnly(config));

        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData("""{"up_block_types": ["UpBlock2D", "SkipUpBlock2D", "SkipUpBlock2D"]}""",
        "norm_num_groups\" is missing but must be given, unless")]
    [InlineData("""
        {"norm_num_groups": 4, "down_block_types": ["DownBlock2D", "SkipDownBlock2D", "SkipDownBlock2D"]}
        """,
        "without other blocks between skip blocks and the full size")]
    [InlineData("""
        {"norm_num_groups": 4, "up_block_types": ["SkipUpBlock2D", "UpBlock2D", "SkipUpBlock2D"]}
        """,
        "without other blocks between skip blocks and the full size")]
    [InlineData("""{"in_channels": 4}""", "3 where down_block_types has skip blocks")]
    [InlineData("""{"out_channels": 1}""", "3 where up_block_types has skip blocks")]
    [InlineData("""{"block_out_channels": [32, 32, 68]}""", "widths that skip blocks can norm")]
    [InlineData("""{"block_out_channels": [32, 48, 64]}""", "widths that skip blocks can norm")]
    [InlineData("""{"block_out_channels": [32, 32, 3]}""", "widths that skip blocks can norm")]
    public void Skip_blocks_that_the_real_library_could_not_run_are_refused(string changes, string expected)
    {
        var config = JsonNode.Parse(changes)!.AsObject().Aggregate(
            SomeModels.SkipUNet, (config, entry) => config.With(entry.Key, entry.Value));

        var error = Assert.Throws<InvalidDataException>(() => ModelFamily.ShapeOnly(config));

        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData("norm_type", "\"ada_norm_single\"", "ada_norm_zero")]
    [InlineData("activation_fn", "\"snake\"", "one of gelu-approximate")]
    [InlineData("patch_size", "3", "a multiple of patch_size")]
    [InlineData("num_attention_heads", "0", "positive")]
    [InlineData("attention_head_dim", "7", "a multiple of 4")]
    public void A_dit_option_that_is_not_built_is_refused_by_name(string key, string value, string expected)
    {
        var config = SomeModels.DiT.With(key, JsonNode.Parse(value));

        var error = Assert.Throws<InvalidDataException>(() => ModelFamily.ShapeOnly(config));

        Assert.Contains(key, error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Odd_values_are_refused_with_a_sentence_or_build_a_network(bool unet)
    {
        var good = unet ? SomeModels.UNet : SomeModels.DiT;
        string[] odd = ["0", "-1", "2.5", "1e3", "\"x\"", "[]", "{}", "true", "[0]", "[8,\"x\"]", "[2.5,8]", "[null]"];
        string[] keys =
        [
            .. JsonNode.Parse(good.ToJson())!.AsObject().Select(entry => entry.Key), "time_embedding_dim", "freq_shift",
            "mid_block_scale_factor", "downsample_padding", "attn_norm_num_groups", "num_class_embeds", "norm_eps",
            "num_train_timesteps", "attention_bias", "act_fn", "dropout",
        ];

        foreach (var (key, value) in keys.SelectMany(key => odd.Select(value => (key, value))))
        {
            var json = good.With(key, JsonNode.Parse(value)).ToJson();

            var error = Record.Exception(() => ModelFamily.ShapeOnly(ModelConfig.Parse(json)).Dispose());

            Assert.True(error is null or InvalidDataException, $"{key} = {value}: {error}");
        }
    }

    [Fact]
    public void A_missing_config_is_named()
    {
        var error = Assert.Throws<FileNotFoundException>(() => ModelConfig.Read("/nowhere/config.json"));

        Assert.Contains("/nowhere/config.json", error.Message);
    }
}
