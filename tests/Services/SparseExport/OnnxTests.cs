using System.Text;
using System.Text.Json.Nodes;
using Mlops.Diffusion.Models;
using Mlops.ImportanceScoring;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Steps;
using Mlops.SparseExport;
using Mlops.SparseExport.Onnx;
using Mlops.Tests.Diffusion.Models;
using Mlops.Tests.Pruning;

namespace Mlops.Tests.Services.SparseExport;

/// <summary>What onnxruntime computes of our files is what the networks compute.</summary>
public sealed class OnnxTests : IDisposable
{
    private static readonly int[][] OneStage = [[0, 19]];

    private readonly PruningJobs _jobs = new();

    public void Dispose() => _jobs.Dispose();

    public static TheoryData<string> UNets =>
    [
        "{}",
        """{"num_class_embeds": 10, "attention_head_dim": 4, "downsample_padding": 1, "flip_sin_to_cos": true}""",
        """{"resnet_time_scale_shift": "scale_shift", "act_fn": "mish", "mid_block_scale_factor": 1.5}""",
        """
        {"down_block_types": ["AttnDownBlock2D", "DownBlock2D"], "up_block_types": ["AttnUpBlock2D", "UpBlock2D"],
         "downsample_type": "resnet", "upsample_type": "resnet", "act_fn": "gelu", "center_input_sample": true}
        """,
        """
        {"down_block_types": ["ResnetDownsampleBlock2D", "DownBlock2D"], "mid_block_type": null,
         "up_block_types": ["ResnetUpsampleBlock2D", "UpBlock2D"], "act_fn": "relu"}
        """,
        """{"time_embedding_type": "learned", "num_train_timesteps": 20, "add_attention": false}""",
        """{"block_out_channels": [9, 12], "norm_num_groups": 3, "sample_size": [16, 8], "out_channels": 6}""",
    ];

    public static TheoryData<string> SkipUNets =>
    [
        """{"center_input_sample": true}""",
        """
        {"block_out_channels": [32, 32], "down_block_types": ["SkipDownBlock2D", "AttnSkipDownBlock2D"],
         "up_block_types": ["AttnSkipUpBlock2D", "SkipUpBlock2D"], "resnet_time_scale_shift": "scale_shift"}
        """,
        """
        {"norm_num_groups": 8, "down_block_types": ["SkipDownBlock2D", "DownBlock2D", "DownBlock2D"],
         "up_block_types": ["UpBlock2D", "UpBlock2D", "SkipUpBlock2D"]}
        """,
    ];

    public static TheoryData<string> Transformers =>
    [
        "{}",
        """{"activation_fn": "gelu", "attention_bias": false}""",
        """{"activation_fn": "geglu", "norm_elementwise_affine": true, "out_channels": 8}""",
        """{"activation_fn": "geglu-approximate", "patch_size": 4}""",
        """{"activation_fn": "swiglu"}""",
        """{"activation_fn": "linear-silu"}""",
    ];

    [Theory]
    [MemberData(nameof(UNets))]
    public void Every_kind_of_unet_layer_computes_the_same(string changes)
    {
        using var network = SomeNetwork.Of(Config(SomeNetwork.UNetConfig, changes));

        Same(network);
    }

    [Theory]
    [MemberData(nameof(SkipUNets))]
    public void Every_kind_of_skip_block_computes_the_same(string changes)
    {
        using var network = SomeNetwork.Of(Config(SomeModels.SkipUNet.ToJson(), changes));

        Same(network);
    }

    [Theory]
    [MemberData(nameof(Transformers))]
    public void Every_kind_of_transformer_layer_computes_the_same(string changes)
    {
        using var network = SomeNetwork.Of(Config(SomeNetwork.DiTConfig, changes));

        Same(network);
    }

    [Fact]
    public void Heads_of_one_layer_may_be_of_unlike_widths()
    {
        using var network = SomeNetwork.DiT();
        ((DiTTransformer2DModel)network).Blocks[1].Attention.HeadWidths = [5, 9, 4, 6];

        Same(network);
    }

    [Theory]
    [InlineData("""{"time_embedding_type": "fourier"}""", "time_embedding_type is 'fourier'")]
    [InlineData("""{"class_embed_type": "timestep"}""", "class_embed_type is 'timestep'")]
    [InlineData("""{"class_embed_type": "identity"}""", "class_embed_type is 'identity'")]
    [InlineData("""{"block_out_channels": [4096, 8192]}""", "weights take more than the 2 GiB of an ONNX file")]
    public void What_onnx_cannot_hold_is_refused_in_a_sentence_and_nothing_is_written(string changes, string sentence)
    {
        using var network = ModelFamily.ShapeOnly(Config(SomeNetwork.UNetConfig, changes));
        var path = Path.Combine(_jobs.NewFolder(), "model.onnx");

        var refusal = Assert.Throws<InvalidDataException>(() => OnnxNetwork.Write(network, All(network), path));

        Assert.StartsWith("format 'onnx' cannot hold ", refusal.Message);
        Assert.Contains(sentence, refusal.Message);
        Assert.False(File.Exists(path));
    }

    [Theory]
    [InlineData(SomeNetwork.UNetConfig, "up_blocks.0.attentions.1", "up_blocks.0.attentions.0.to_q.weight")]
    [InlineData(SomeNetwork.DiTConfig, "transformer_blocks.1", "transformer_blocks.2.attn1.to_q.weight")]
    public async Task Sliced_layers_and_left_out_ones_may_come_together(string config, string skip, string kept)
    {
        using var network = SomeNetwork.Of(ModelConfig.Parse(config));
        _jobs.WithModel(network, SomeNetwork.Scheduler);
        _jobs.With("scores", await _jobs.RunAsync(new ImportanceScorer(), new { method = "magnitude" }));
        var sliced = await _jobs.RunAsync(new SparseExporter(), new { macs = 0.7 });
        var tuned = _jobs.NewFolder();
        using (var student = PrunedModel.Load(sliced))
        {
            var variant = new PlanVariant([skip], student.Plan!.Variants[0].Keep);
            PrunedModel.Save(
                tuned, student.Inner, PruningPlan.Constant("taylor", 20, variant, 0.7), SomeNetwork.Scheduler);
        }

        var folder = await _jobs.Without("scores").With("tuned", tuned)
            .RunAsync(new SparseExporter(), new { format = "onnx" });

        var onnx = ExportRecord.Load(folder)!.Onnx!;
        var file = Assert.Single(onnx.Files);
        Assert.Equal(OneStage, file.Timesteps);
        Assert.InRange(onnx.LargestDifference, 0, OnnxNetwork.Tolerance);
        var names = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Path.Combine(folder, file.Path)));
        Assert.Contains(kept, names);
        Assert.DoesNotContain(skip, names);
    }

    [Fact]
    public async Task A_routed_network_is_a_file_per_variant_and_the_card_says_which_and_how_far_apart()
    {
        using var network = SomeNetwork.UNet();
        var skip = new PlanVariant([network.Layers[1].Name]);
        var table = new StepTable("ddim", 3, 1, false, StepAim.Sampler,
            [new StepAction.Run(), new StepAction.Forecast(ForecastKind.Noise, 1), new StepAction.Run()]);
        var plan = PruningPlan.FromTable("diff-es", [.. Enumerable.Range(0, 20).Select(t =>
            t is >= 5 and < 15 ? skip : PlanVariant.Dense)], 1).WithSteps(table);
        var schedule = _jobs.NewFolder();
        PlanFile.Save(plan, schedule);
        _jobs.WithModel(network, SomeNetwork.Scheduler).With("schedule", schedule);

        var folder = await _jobs.RunAsync(new SparseExporter(), new { format = "onnx" });

        var onnx = ExportRecord.Load(folder)!.Onnx!;
        Assert.Equal(["unet/model_0.onnx", "unet/model_1.onnx"], onnx.Files.Select(file => file.Path));
        Assert.Equal([[0, 4], [15, 19]], onnx.Files[0].Timesteps);
        Assert.Equal([[5, 14]], onnx.Files[1].Timesteps);
        var card = await File.ReadAllTextAsync(Path.Combine(folder, "README.md"));
        Assert.Contains("| `unet/model_0.onnx` | 0–4, 15–19 |", card);
        Assert.Contains($"onnxruntime {OnnxNetwork.Runtime} computes what the network does, at most ", card);
        Assert.Contains("The step table is not in the files", card);
        using var written = PrunedModel.Load(folder);
        var (first, second) = (Path.Combine(folder, onnx.Files[0].Path), Path.Combine(folder, onnx.Files[1].Path));
        var masks = Enumerable.Range(0, 2).Select(variant => plan.RunMask(variant, network.Layers)).ToArray();
        OnnxNetwork.Check(written.Inner, masks[1], second, OneStage, seed: 5);
        var confused = Assert.Throws<InvalidOperationException>(
            () => OnnxNetwork.Check(written.Inner, masks[1], first, OneStage, seed: 5));
        Assert.StartsWith("model_0.onnx predicts something else in onnxruntime ", confused.Message);
    }

    [Fact]
    public async Task Sub_networks_of_fewer_heads_are_cut_into_files_of_their_own()
    {
        using var network = SomeNetwork.DiT();
        var few = new PlanVariant([], new Dictionary<string, IReadOnlyList<long>>
        {
            ["transformer_blocks.0.attn1.to_v"] = [.. Enumerable.Range(6, 6).Select(channel => (long)channel)],
        });
        var schedule = _jobs.NewFolder();
        var table = Enumerable.Range(0, 20).Select(t => t < 5 ? few : PlanVariant.Dense);
        PlanFile.Save(PruningPlan.FromTable("diff-es", [.. table], 1), schedule);

        var folder = await _jobs.WithModel(network, SomeNetwork.Scheduler).With("schedule", schedule)
            .RunAsync(new SparseExporter(), new { format = "onnx" });

        var sizes = ExportRecord.Load(folder)!.Onnx!.Files
            .Select(file => new FileInfo(Path.Combine(folder, file.Path)).Length).ToArray();
        Assert.Equal(2, sizes.Length);
        // Three of four heads of 24 channels: 18 rows or columns of four matrices, and biases.
        Assert.InRange(sizes[1] - sizes[0], 18 * 24 * 4 * sizeof(float), 18 * 28 * 4 * sizeof(float));
    }

    private void Same(Denoiser network)
    {
        bool[] some = [.. network.Layers.Select(layer => layer.Index % 2 == 0)];
        var path = Path.Combine(_jobs.NewFolder(), "model.onnx");

        foreach (var run in (bool[][])[All(network), some])
        {
            OnnxNetwork.Write(network, run, path);

            Assert.InRange(OnnxNetwork.Check(network, run, path, OneStage, seed: 1), 0, OnnxNetwork.Tolerance);
        }
    }

    private static bool[] All(Denoiser network) => [.. network.Layers.Select(_ => true)];

    private static ModelConfig Config(string json, string changes)
    {
        var config = JsonNode.Parse(json)!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(changes)!.AsObject())
            config[key] = value?.DeepClone();
        return ModelConfig.Parse(config.ToJsonString());
    }
}
