using System.Text.Json.Nodes;
using Mlops.Diffusion.Devices;
using Mlops.Diffusion.Models;
using Mlops.Tests.Diffusion.Models;
using Mlops.Tests.Support;
using Mlops.Verify;

namespace Mlops.Tests.Diffusion.Fixtures;

/// <summary>Fixtures that the real library makes here: outputs within 1e-5, counts as its hooks count.</summary>
[Trait("Category", "Drill")]
public sealed class StockFixtureTests
{
    /// <summary>What published checkpoints have and the recorded fixtures lack.</summary>
    private static readonly Dictionary<string, string> UNets = new()
    {
        ["skip-as-published"] = """{"time_embedding_type": "fourier"}""",
        ["skip-attention-last"] = """
            {"block_out_channels": [32, 64], "down_block_types": ["SkipDownBlock2D", "AttnSkipDownBlock2D"],
             "up_block_types": ["AttnSkipUpBlock2D", "SkipUpBlock2D"], "attention_head_dim": 8, "act_fn": "mish",
             "resnet_time_scale_shift": "scale_shift", "center_input_sample": true, "num_class_embeds": 5}
            """,
        ["skip-between-others"] = """
            {"norm_num_groups": 8, "down_block_types": ["SkipDownBlock2D", "DownBlock2D", "AttnDownBlock2D"],
             "up_block_types": ["UpBlock2D", "AttnUpBlock2D", "SkipUpBlock2D"]}
            """,
        ["fourier"] = """{"time_embedding_type": "fourier"}""",
        ["identity"] = """{"class_embed_type": "identity", "act_fn": "mish"}""",
        ["timestep"] = """{"class_embed_type": "timestep", "act_fn": "gelu"}""",
        ["fp16"] = """{"act_fn": "mish"}""",
    };

    private static readonly Dictionary<string, string> Transformers = new()
    {
        ["affine"] = """{"norm_elementwise_affine": true}""",
        ["gelu"] = """{"activation_fn": "gelu"}""",
        ["geglu"] = """{"activation_fn": "geglu"}""",
        ["geglu-approximate"] = """{"activation_fn": "geglu-approximate"}""",
        ["swiglu"] = """{"activation_fn": "swiglu"}""",
    };

    [StockTheory]
    [InlineData("0.31.0")]
    [InlineData("0.40.0")]
    public async Task Networks_of_the_real_library_answer_and_cost_the_same_here(string version)
    {
        using var folder = new TemporaryFolder();
        var cases = new JsonObject();
        foreach (var (name, changes) in UNets)
            cases[name] = Case(name.StartsWith("skip-") ? SomeModels.SkipUNet : SomeModels.UNet, changes, name);
        foreach (var (name, changes) in Transformers)
            cases[name] = Case(SomeModels.DiT, changes, name);
        File.WriteAllText(folder.File("cases.json"), cases.ToJsonString());
        File.Copy(Repository.Path("tests/Diffusion/Fixtures/fixtures.py"), folder.File("fixtures.py"));

        await StockDiffusers.RunAsync(version, folder.Path, "fixtures.py");

        var results = new FixtureVerifier(Placement.Cpu).Verify(folder.Path).ToList();
        Assert.Equal(
            cases.Select(entry => entry.Key).Order(StringComparer.Ordinal), results.Select(result => result.Name));
        Assert.All(results, result => Assert.True(result.Outcome == CaseOutcome.Passed, result.ToString()));
    }

    private static JsonObject Case(ModelConfig config, string changes, string name)
    {
        var values = JsonNode.Parse(config.ToJson())!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(changes)!.AsObject())
            values[key] = value?.DeepClone();
        return new JsonObject { ["config"] = values, ["variant"] = name == "fp16" ? name : null };
    }
}
