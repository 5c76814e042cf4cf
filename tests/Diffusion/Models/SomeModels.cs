using Mlops.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Models;

/// <summary>Throw-away networks.</summary>
internal static class SomeModels
{
    /// <summary>Two levels, attention in the second, 8×8 RGB.</summary>
    public static ModelConfig UNet { get; } = ModelConfig.Parse("""
        {
          "_class_name": "UNet2DModel", "sample_size": 8, "in_channels": 3, "out_channels": 3,
          "block_out_channels": [8, 16], "layers_per_block": 2, "norm_num_groups": 4, "attention_head_dim": 8,
          "down_block_types": ["DownBlock2D", "AttnDownBlock2D"], "up_block_types": ["AttnUpBlock2D", "UpBlock2D"],
          "an_entry_of_tomorrow": {"kept": true}
        }
        """);

    /// <summary>Three levels of NCSN++'s blocks, attention in the second, 16×16 RGB; the options of the published ones
    /// but for their embedding of time.</summary>
    public static ModelConfig SkipUNet { get; } = ModelConfig.Parse("""
        {
          "_class_name": "UNet2DModel", "sample_size": 16, "in_channels": 3, "out_channels": 3,
          "block_out_channels": [32, 32, 64], "layers_per_block": 2, "norm_num_groups": null, "norm_eps": 1e-6,
          "attention_head_dim": null, "mid_block_scale_factor": 1.4142135623730951,
          "down_block_types": ["SkipDownBlock2D", "AttnSkipDownBlock2D", "SkipDownBlock2D"],
          "up_block_types": ["SkipUpBlock2D", "AttnSkipUpBlock2D", "SkipUpBlock2D"]
        }
        """);

    /// <summary>Three blocks of two heads on 4×4 patches, five classes.</summary>
    public static ModelConfig DiT { get; } = ModelConfig.Parse("""
        {
          "_class_name": "DiTTransformer2DModel", "sample_size": 8, "in_channels": 4, "out_channels": 4,
          "num_layers": 3, "num_attention_heads": 2, "attention_head_dim": 8, "patch_size": 2,
          "num_embeds_ada_norm": 5, "norm_type": "ada_norm_zero", "activation_fn": "gelu-approximate"
        }
        """);

    /// <summary>A network in which nothing is zero, as after training: fresh DiT blocks do nothing.</summary>
    public static Denoiser Awake(ModelConfig config, ulong seed = 1)
    {
        var model = ModelFamily.Create(config, seed);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(seed);
        foreach (var parameter in model.parameters())
            parameter.add_(randn(parameter.shape, generator: generator) * 0.1);
        return model;
    }
}
