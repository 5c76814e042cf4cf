using Mlops.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning;

/// <summary>Small networks with random weights for tests of pruning.</summary>
internal static class SomeNetwork
{
    public const string UNetConfig = """
        {"_class_name": "UNet2DModel", "sample_size": 16, "in_channels": 3, "out_channels": 3, "layers_per_block": 2,
         "block_out_channels": [8, 16], "norm_num_groups": 4, "attention_head_dim": null, "norm_eps": 1e-6,
         "down_block_types": ["DownBlock2D", "AttnDownBlock2D"], "up_block_types": ["AttnUpBlock2D", "UpBlock2D"],
         "downsample_padding": 0, "flip_sin_to_cos": false, "freq_shift": 1, "act_fn": "silu"}
        """;

    public const string DiTConfig = """
        {"_class_name": "DiTTransformer2DModel", "sample_size": 8, "patch_size": 2, "in_channels": 4,
         "out_channels": 4, "num_layers": 3, "num_attention_heads": 4, "attention_head_dim": 6,
         "num_embeds_ada_norm": 10, "norm_type": "ada_norm_zero", "activation_fn": "gelu-approximate",
         "attention_bias": true, "norm_elementwise_affine": false}
        """;

    public const string Scheduler = """
        {"_class_name": "DDPMScheduler", "num_train_timesteps": 20, "beta_start": 0.001, "beta_end": 0.2,
         "beta_schedule": "linear", "prediction_type": "epsilon"}
        """;

    public static Denoiser UNet(ulong seed = 1) => Of(ModelConfig.Parse(UNetConfig), seed);

    /// <summary>The same for 32 × 32 images, the size of the built-in set.</summary>
    public static Denoiser UNet32(ulong seed = 1) =>
        Of(ModelConfig.Parse(UNetConfig).With("sample_size", 32).With("layers_per_block", 1), seed);

    /// <summary>A transformer for the built-in set.</summary>
    public static Denoiser DiT32(ulong seed = 1) => Of(
        ModelConfig.Parse(DiTConfig).With("sample_size", 32).With("patch_size", 8).With("in_channels", 3)
            .With("out_channels", 3),
        seed);

    public static Denoiser DiT(ulong seed = 1) => Of(ModelConfig.Parse(DiTConfig), seed);

    public static Denoiser Of(ModelConfig config, ulong seed = 1) => Stirred(ModelFamily.Create(config, seed));

    /// <summary>Samples, timesteps and labels for a batch of three; labels only where the network takes them.</summary>
    public static (Tensor Sample, Tensor Timestep, Tensor? Labels) Question(Denoiser network)
    {
        using var generator = new Generator(7);
        var (channels, height, width) = network.SampleShape;
        return (randn([3, channels, height, width], float32, generator: generator), tensor([1L, 8L, 15L]),
            network.Classes > 0 ? tensor([0L, 4L, 9L]) : null);
    }

    /// <summary>Largest difference between two answers, relative to the first.</summary>
    public static double Distance(Tensor expected, Tensor actual) =>
        (expected - actual).abs().max().item<float>() / expected.abs().max().item<float>();

    /// <summary>Makes every weight count: fresh networks begin with zeros where residuals end.</summary>
    private static Denoiser Stirred(Denoiser network)
    {
        using var noGrad = no_grad();
        using var generator = new Generator(3);
        foreach (var parameter in network.parameters())
            parameter.add_(randn(parameter.shape, float32, generator: generator) * 0.1);
        network.eval();
        return network;
    }
}
