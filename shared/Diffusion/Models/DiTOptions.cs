namespace Mlops.Diffusion.Models;

/// <summary>The options of <c>DiTTransformer2DModel</c> (on the hub often still <c>Transformer2DModel</c>).</summary>
public sealed record DiTOptions
{
    // Far above every published model.
    private const int MostBlocks = 512;

    public long Heads { get; private init; }
    public long HeadWidth { get; private init; }
    public long InChannels { get; private init; }
    public long OutChannels { get; private init; }
    public int Blocks { get; private init; }
    public bool AttentionBias { get; private init; }
    public long SampleSize { get; private init; }
    public long PatchSize { get; private init; }
    public string Activation { get; private init; } = "gelu-approximate";
    public long Classes { get; private init; }
    public bool AffineNorm { get; private init; }
    public double NormEps { get; private init; }

    /// <summary>Width of the token stream.</summary>
    public long Width => Heads * HeadWidth;

    /// <summary>Reads the options and refuses networks that only share the class name.</summary>
    /// <exception cref="InvalidDataException">An option has a value that is unknown or not built.</exception>
    public static DiTOptions From(ModelConfig config)
    {
        config.Positive("num_attention_heads", "attention_head_dim", "in_channels", "out_channels", "num_layers",
            "sample_size", "patch_size", "num_embeds_ada_norm");
        if ((config.OptionalText("norm_type") ?? "ada_norm_zero") != "ada_norm_zero")
            throw config.Wrong("norm_type", "ada_norm_zero (DiT); PixArt and text transformers are not built");
        if (config.Has("sample_size") && config.OptionalInteger("sample_size") is null)
            throw config.Wrong("sample_size", "given");
        var options = new DiTOptions
        {
            Heads = config.Integer("num_attention_heads", 16),
            HeadWidth = config.Integer("attention_head_dim", 72),
            InChannels = config.Integer("in_channels", 4),
            OutChannels = config.OptionalInteger("out_channels") ?? config.Integer("in_channels", 4),
            Blocks = (int)config.Integer("num_layers", 28),
            AttentionBias = config.Flag("attention_bias", true),
            SampleSize = config.Integer("sample_size", 32),
            PatchSize = config.Integer("patch_size", 2),
            Activation = config.OptionalText("activation_fn") ?? "gelu-approximate",
            Classes = config.Integer("num_embeds_ada_norm", 1000),
            AffineNorm = config.Flag("norm_elementwise_affine", false),
            NormEps = config.Number("norm_eps", 1e-5),
        };
        if (!FeedForward.Activations.Contains(options.Activation))
            throw config.Wrong("activation_fn", $"one of {string.Join(", ", FeedForward.Activations)}");
        if (options.Blocks > MostBlocks)
            throw config.Wrong("num_layers", $"at most {MostBlocks}");
        if (options.Width % 4 != 0)
            throw config.Wrong("num_attention_heads", "such that heads times attention_head_dim is a multiple of 4");
        if (options.SampleSize % options.PatchSize != 0)
            throw config.Wrong("sample_size", $"a multiple of patch_size ({options.PatchSize})");
        return options;
    }
}
