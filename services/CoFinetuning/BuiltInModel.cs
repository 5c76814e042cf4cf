using System.Numerics;
using Mlops.Diffusion.Models;

namespace Mlops.CoFinetuning;

/// <summary>The small class-conditional networks: the UNet is also trained when a run is given no model.</summary>
internal static class BuiltInModel
{
    private const int LargestAttention = 8, HeadWidth = 16;

    private static readonly int[] DefaultWidths = [16, 16, 32, 32];

    /// <summary>Its noise: the usual cosine schedule, whose low-noise steps suit small images. Trailing steps begin at
    /// full noise however few they are (Lin et al. 2024, section 3.3).</summary>
    public const string Scheduler = """
        {
          "_class_name": "DDPMScheduler",
          "num_train_timesteps": 1000,
          "beta_schedule": "squaredcos_cap_v2",
          "prediction_type": "v_prediction",
          "variance_type": "fixed_small",
          "timestep_spacing": "trailing",
          "clip_sample": true
        }
        """;

    /// <summary>
    /// Its configuration. Attention stands only at resolutions where it is cheap; group norms have few groups so that
    /// widths of 16 still normalize over several channels.
    /// </summary>
    /// <param name="wanted">Width of each level; null: the default's, as far as the size can be halved.</param>
    /// <exception cref="InvalidDataException">It cannot be halved often enough.</exception>
    public static ModelConfig Config(
        IReadOnlyList<int>? wanted, int layersPerBlock, int channels, int size, int classes)
    {
        var most = BitOperations.TrailingZeroCount(size) + 1;
        var widths = wanted ?? DefaultWidths[^Math.Clamp(most, 2, DefaultWidths.Length)..];
        if (widths.Count > most)
            throw new InvalidDataException(
                $"images of {size} x {size} pixels cannot be halved {widths.Count - 1} times, as {widths.Count} levels "
                + (most < 2
                    ? "do; give images of an even size"
                    : $"do; give {most} 'widths' or fewer, or images of another size"));
        if (widths.FirstOrDefault(width => width < 8 || width % 8 != 0) is var odd and not 0)
            throw new ArgumentOutOfRangeException(nameof(widths), odd, "widths must be multiples of 8");

        var levels = widths.Count;
        bool[] attends = [.. Enumerable.Range(0, levels).Select(level => size >> level <= LargestAttention)];
        var down = attends.Select(attend => attend ? "AttnDownBlock2D" : "DownBlock2D");
        var up = attends.Reverse().Select(attend => attend ? "AttnUpBlock2D" : "UpBlock2D");
        return ModelConfig.Parse($$"""
            {
              "_class_name": "UNet2DModel",
              "sample_size": {{size}},
              "in_channels": {{channels}},
              "out_channels": {{channels}},
              "block_out_channels": [{{string.Join(", ", widths)}}],
              "layers_per_block": {{layersPerBlock}},
              "down_block_types": [{{Names(down)}}],
              "up_block_types": [{{Names(up)}}],
              "attention_head_dim": 8,
              "norm_num_groups": 4,
              "norm_eps": 1e-5,
              "num_class_embeds": {{(classes > 0 ? classes.ToString() : "null")}}
            }
            """, "the built-in model's configuration");

        static string Names(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"\"{name}\""));
    }

    /// <summary>The transformer's configuration, in patches so large that at most 8 × 8 make an image.</summary>
    /// <exception cref="InvalidDataException">There are no classes, which its modulation needs.</exception>
    public static ModelConfig Transformer(int blocks, int heads, int channels, int size, int classes)
    {
        if (classes == 0)
            throw new InvalidDataException(
                "the built-in transformer needs images with classes, and the data has none; train the UNet");
        var patch = Enumerable.Range(1, size).First(side => size % side == 0 && size / side <= LargestAttention);
        return ModelConfig.Parse($$"""
            {
              "_class_name": "DiTTransformer2DModel",
              "sample_size": {{size}},
              "patch_size": {{patch}},
              "in_channels": {{channels}},
              "out_channels": {{channels}},
              "num_layers": {{blocks}},
              "num_attention_heads": {{heads}},
              "attention_head_dim": {{HeadWidth}},
              "num_embeds_ada_norm": {{classes}}
            }
            """, "the built-in transformer's configuration");
    }
}
