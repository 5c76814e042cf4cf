namespace Mlops.Diffusion.Models;

/// <summary>How time and image meet inside a ResNet block: added, or as scale and shift of the second norm.</summary>
public enum TimeShift
{
    Default,
    ScaleShift,
}

/// <summary>The options of <c>UNet2DModel</c>, with the defaults of diffusers.</summary>
public sealed record UNet2DOptions
{
    // Far above every published model; a network is built layer by layer, and a slip of the finger must not take hours.
    private const int MostLayersPerBlock = 64, MostBlocks = 16;

    private static readonly string[] DownTypes =
        ["DownBlock2D", "AttnDownBlock2D", "ResnetDownsampleBlock2D", "SkipDownBlock2D", "AttnSkipDownBlock2D"];

    private static readonly string[] UpTypes =
        ["UpBlock2D", "AttnUpBlock2D", "ResnetUpsampleBlock2D", "SkipUpBlock2D", "AttnSkipUpBlock2D"];

    public long InChannels { get; private init; }
    public long OutChannels { get; private init; }
    public IReadOnlyList<long> SampleSize { get; private init; } = [];
    public IReadOnlyList<long> BlockOutChannels { get; private init; } = [];
    public IReadOnlyList<string> DownBlockTypes { get; private init; } = [];
    public IReadOnlyList<string> UpBlockTypes { get; private init; } = [];
    public int LayersPerBlock { get; private init; }
    public bool CenterInputSample { get; private init; }
    public long TimeEmbeddingDim { get; private init; }
    public string TimeEmbeddingType { get; private init; } = "positional";
    public long? TrainTimesteps { get; private init; }
    public double FreqShift { get; private init; }
    public bool FlipSinToCos { get; private init; }
    public double MidBlockScaleFactor { get; private init; }
    public long DownsamplePadding { get; private init; }
    public bool ResnetDownsampling { get; private init; }
    public bool ResnetUpsampling { get; private init; }
    public string Activation { get; private init; } = "silu";
    public long? AttentionHeadDim { get; private init; }

    /// <summary>Null where the width says it, as in skip blocks.</summary>
    public long? NormGroups { get; private init; }

    public long? AttentionNormGroups { get; private init; }
    public double NormEps { get; private init; }
    public TimeShift TimeShift { get; private init; }
    public bool HasMidBlock { get; private init; }
    public bool AddAttention { get; private init; }
    public string? ClassEmbedType { get; private init; }
    public long? ClassEmbeds { get; private init; }

    /// <summary>Reads the options and refuses values that are not built.</summary>
    /// <exception cref="InvalidDataException">An option has a value
    /// that is unknown or does not fit the others.</exception>
    public static UNet2DOptions From(ModelConfig config)
    {
        config.Positive("in_channels", "out_channels", "layers_per_block", "norm_num_groups", "attn_norm_num_groups",
            "time_embedding_dim", "num_class_embeds", "num_train_timesteps", "attention_head_dim");
        var channels = config.Integers("block_out_channels", 224, 448, 672, 896);
        if (channels.Count == 0)
            throw config.Wrong("block_out_channels", "a list of at least one width");
        var options = new UNet2DOptions
        {
            InChannels = config.Integer("in_channels", 3),
            OutChannels = config.Integer("out_channels", 3),
            SampleSize = config.Integers("sample_size"),
            BlockOutChannels = channels,
            DownBlockTypes = config.Texts("down_block_types",
                "DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
            UpBlockTypes = config.Texts("up_block_types",
                "AttnUpBlock2D", "AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
            LayersPerBlock = (int)config.Integer("layers_per_block", 2),
            CenterInputSample = config.Flag("center_input_sample", false),
            TimeEmbeddingDim = config.OptionalInteger("time_embedding_dim") ?? channels[0] * 4,
            TimeEmbeddingType = Choose(
                config, "time_embedding_type", "positional", "positional", "fourier", "learned"),
            TrainTimesteps = config.OptionalInteger("num_train_timesteps"),
            FreqShift = config.Number("freq_shift", 0),
            FlipSinToCos = config.Flag("flip_sin_to_cos", true),
            MidBlockScaleFactor = config.Number("mid_block_scale_factor", 1),
            DownsamplePadding = config.Integer("downsample_padding", 1),
            ResnetDownsampling = Choose(config, "downsample_type", "conv", "conv", "resnet") == "resnet",
            ResnetUpsampling = Choose(config, "upsample_type", "conv", "conv", "resnet") == "resnet",
            Activation = Choose(config, "act_fn", "silu", Models.Activation.Names),
            // Null and absent differ: null means one head of the block's full width.
            AttentionHeadDim = config.Has("attention_head_dim") ? config.OptionalInteger("attention_head_dim") : 8,
            NormGroups = config.Has("norm_num_groups") ? config.OptionalInteger("norm_num_groups") : 32,
            AttentionNormGroups = config.OptionalInteger("attn_norm_num_groups"),
            NormEps = config.Number("norm_eps", 1e-5),
            TimeShift = Choose(config, "resnet_time_scale_shift", "default", "default", "scale_shift") == "default"
                ? TimeShift.Default : TimeShift.ScaleShift,
            // Null and absent differ here, too: null means no middle block at all.
            HasMidBlock = !config.Has("mid_block_type")
                || Choose(config, "mid_block_type", "none", "UNetMidBlock2D", "none") != "none",
            AddAttention = config.Flag("add_attention", true),
            ClassEmbedType = config.OptionalText("class_embed_type"),
            ClassEmbeds = config.OptionalInteger("num_class_embeds"),
        };
        options.Check(config);
        return options;
    }

    /// <summary>Whether blocks of a type have attention.</summary>
    public static bool Attends(string type) => type.StartsWith("Attn", StringComparison.Ordinal);

    /// <summary>Groups of a norm outside skip blocks.</summary>
    internal long GroupsOf(long width) => NormGroups ?? SkipBlocks.GroupsOf(width);

    /// <summary>Widths of an attention layer on a feature map of some channels.</summary>
    /// <param name="type">Of its block; null in the middle.</param>
    internal AttentionShape AttentionOf(long width, string? type = null)
    {
        var head = AttentionHeadDim ?? width;
        return type is null ? new(width, head, GroupsOf(width), MidBlockScaleFactor)
            : type.IsSkip() ? SkipBlocks.Attention(width, head)
            : new(width, head, GroupsOf(width));
    }

    /// <summary>A ResNet block in a block of some type.</summary>
    internal ResnetShape ResnetOf(string type, long hidden, long encoder, long width) => type.IsSkip()
        ? SkipBlocks.Shape(type, hidden, encoder, width)
        : new(hidden, encoder, width, GroupsOf(hidden + encoder), GroupsOf(width));

    /// <summary>The ResNet blocks of a level of the encoder.</summary>
    internal IEnumerable<ResnetShape> DownShapes(int level)
    {
        var (before, width) = (BlockOutChannels[Math.Max(level - 1, 0)], BlockOutChannels[level]);
        return Enumerable.Range(0, LayersPerBlock)
            .Select(layer => ResnetOf(DownBlockTypes[level], layer == 0 ? before : width, 0, width));
    }

    /// <summary>The ResNet blocks of a level of the decoder; level 0 has the smallest size.</summary>
    internal IEnumerable<ResnetShape> UpShapes(int level)
    {
        var widths = BlockOutChannels.Reverse().ToList();
        var (before, width) = (widths[Math.Max(level - 1, 0)], widths[level]);
        var after = widths[Math.Min(level + 1, widths.Count - 1)];
        return Enumerable.Range(0, LayersPerBlock + 1).Select(layer => ResnetOf(
            UpBlockTypes[level], layer == 0 ? before : width, layer == LayersPerBlock ? after : width, width));
    }

    private void Check(ModelConfig config)
    {
        var blocks = BlockOutChannels.Count;
        if (LayersPerBlock > MostLayersPerBlock)
            throw config.Wrong("layers_per_block", $"at most {MostLayersPerBlock}");
        if (blocks > MostBlocks || BlockOutChannels.Max() > ModelConfig.Largest)
            throw config.Wrong(
                "block_out_channels", $"at most {MostBlocks} widths of at most {ModelConfig.Largest}");
        if (DownBlockTypes.Count != blocks || UpBlockTypes.Count != blocks)
            throw config.Wrong("block_out_channels", $"as long as down_block_types ({DownBlockTypes.Count}) and "
                + $"up_block_types ({UpBlockTypes.Count})");
        if (BlockOutChannels.Any(width => width <= 0 || width % (NormGroups ?? 1) != 0))
            throw config.Wrong("block_out_channels", $"multiples of norm_num_groups ({NormGroups ?? 1})");
        if (AttentionHeadDim is { } head && BlockOutChannels.Any(width => width < head))
            throw config.Wrong("attention_head_dim", "a width that every block can hold");
        if (DownBlockTypes.FirstOrDefault(type => !DownTypes.Contains(type)) is not null)
            throw config.Wrong("down_block_types", $"made of {string.Join(", ", DownTypes)}");
        if (UpBlockTypes.FirstOrDefault(type => !UpTypes.Contains(type)) is not null)
            throw config.Wrong("up_block_types", $"made of {string.Join(", ", UpTypes)}");
        SkipBlocks.Check(this, config);
        if (ClassEmbedType is not (null or "timestep" or "identity"))
            throw config.Wrong("class_embed_type", "null, timestep or identity");
        if (TimeEmbeddingType == "learned" && TrainTimesteps is null)
            throw config.Wrong("num_train_timesteps", "given when time_embedding_type is learned");
        if (AttentionNormGroups is { } groups && BlockOutChannels[^1] % groups != 0)
            throw config.Wrong("attn_norm_num_groups", $"a divisor of the last width ({BlockOutChannels[^1]})");
        if (DownsamplePadding is not (0 or 1))
            throw config.Wrong("downsample_padding", "0 or 1");
        if (MidBlockScaleFactor == 0)
            throw config.Wrong("mid_block_scale_factor", "a number other than 0");
    }

    private static string Choose(ModelConfig config, string key, string fallback, params string[] allowed)
    {
        var value = config.OptionalText(key) ?? fallback;
        return allowed.Contains(value) ? value : throw config.Wrong(key, $"one of {string.Join(", ", allowed)}");
    }
}
