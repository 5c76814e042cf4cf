using System.Text.Json.Nodes;
using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.Tests.Support;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Models;

/// <summary>Options beyond those of the reference networks: the
/// network runs, learns, is counted and comes back.</summary>
public sealed class ModelOptionsTests
{
    public static TheoryData<string> UNets =>
    [
        """{"add_attention":false}""",
        """
        {"downsample_type":"resnet","upsample_type":"resnet","down_block_types":["AttnDownBlock2D","DownBlock2D"]}
        """,
        """
        {"down_block_types":["ResnetDownsampleBlock2D","DownBlock2D"],
         "up_block_types":["ResnetUpsampleBlock2D","UpBlock2D"]}
        """,
        """{"resnet_time_scale_shift":"scale_shift","attn_norm_num_groups":2}""",
        """{"num_class_embeds":7}""",
        """{"class_embed_type":"timestep"}""",
        """{"time_embedding_type":"fourier","time_embedding_dim":24}""",
        """{"time_embedding_type":"learned","num_train_timesteps":1000}""",
        """{"sample_size":[8,16],"downsample_padding":0,"act_fn":"gelu"}""",
        """{"attention_head_dim":null,"block_out_channels":[8,12],"act_fn":"relu"}""",
        """{"mid_block_type":null,"act_fn":"mish"}""",
    ];

    public static TheoryData<string> SkipUNets =>
    [
        "{}",
        """{"time_embedding_type":"fourier","resnet_time_scale_shift":"scale_shift"}""",
        """
        {"norm_num_groups":8,"down_block_types":["SkipDownBlock2D","DownBlock2D","SkipDownBlock2D"],
         "up_block_types":["AttnUpBlock2D","UpBlock2D","SkipUpBlock2D"],"center_input_sample":true}
        """,
    ];

    public static TheoryData<string> Transformers =>
    [
        """{"activation_fn":"geglu"}""",
        """{"activation_fn":"gelu","attention_bias":false}""",
        """{"activation_fn":"geglu-approximate","norm_elementwise_affine":true}""",
        """{"activation_fn":"swiglu"}""",
        """{"activation_fn":"linear-silu"}""",
        """{"patch_size":4,"out_channels":8}""",
        """{"_class_name":"Transformer2DModel","sample_size":12}""",
    ];

    [Theory]
    [MemberData(nameof(UNets))]
    public void A_unet_with_this_option_runs_learns_and_is_counted(string changes) =>
        Check(SomeModels.UNet, changes);

    [Theory]
    [MemberData(nameof(SkipUNets))]
    public void A_unet_of_skip_blocks_runs_learns_and_is_counted(string changes) =>
        Check(SomeModels.SkipUNet, changes);

    [Theory]
    [MemberData(nameof(Transformers))]
    public void A_transformer_with_this_option_runs_learns_and_is_counted(string changes) =>
        Check(SomeModels.DiT, changes);

    [Fact]
    public void A_transformer_takes_other_sizes_than_its_own()
    {
        using var scope = NewDisposeScope();
        using var model = SomeModels.Awake(SomeModels.DiT);

        var output = model.Predict(zeros([1, 4, 4, 12]), tensor(new long[] { 3 }), tensor(new long[] { 2 }));

        Assert.Equal([1, 4, 4, 12], output.shape);
    }

    private static void Check(ModelConfig config, string changes)
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var values = JsonNode.Parse(config.ToJson())!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(changes)!.AsObject())
            values[key] = value?.DeepClone();
        config = ModelConfig.Parse(values.ToJsonString());
        using var model = SomeModels.Awake(config);
        var (channels, height, width) = model.SampleShape;
        using var generator = new Generator(5);
        var sample = randn([2, channels, height, width], generator: generator);
        Tensor time = tensor(new long[] { 10, 700 }), labels = tensor(new long[] { 1, 4 });

        var output = model.Predict(sample, time, labels);
        output.square().mean().backward();
        ModelFolder.Save(folder.Path, model);
        using var loaded = ModelFolder.Load(folder.Path);

        Assert.Equal([2, height, width], [output.shape[0], output.shape[2], output.shape[3]]);
        Assert.All(model.named_parameters().Where(pair => pair.parameter.requires_grad),
            pair => Assert.True(pair.parameter.grad is not null, pair.name));
        Assert.Equal(0, (output - loaded.Predict(sample, time, labels)).abs().max().item<float>());
        Assert.Equal(model.parameters().Sum(parameter => parameter.numel()), MacCounter.Count(model).Parameters);
        Assert.Equal(MacCounter.Count(model).Macs, MacCounter.Count(ModelFamily.ShapeOnly(config)).Macs);
    }
}
