namespace Mlops.Diffusion.Models;

/// <summary>
/// What the skip blocks of NCSN++ (Song et al. 2021, score SDE, appendix H) have fixed, as diffusers builds them: sums
/// divided by √2, numbers of norm groups by width, and the image beside the features, halved along the encoder and
/// doubled along the decoder.
/// </summary>
public static class SkipBlocks
{
    /// <summary>What the ResNet and attention blocks divide their sums by.</summary>
    public static readonly double Scale = Math.Sqrt(2);

    /// <summary>Channels of the image.</summary>
    public const long ImageChannels = 3;

    private const long MostGroups = 32;

    /// <summary>Whether a block type is one of them.</summary>
    public static bool IsSkip(this string type) => type.Contains("Skip", StringComparison.Ordinal);

    /// <summary>Norm groups of a width.</summary>
    public static long GroupsOf(long width) => Math.Min(width / 4, MostGroups);

    /// <summary>A ResNet block in a block of this type. Where the decoder has attention, diffusers divides only the
    /// encoder's channels by 4.</summary>
    internal static ResnetShape Shape(string type, long hidden, long encoder, long width) => new(
        hidden, encoder, width,
        type == "AttnSkipUpBlock2D" && encoder > 0
            ? Math.Min(hidden + (encoder / 4), MostGroups) : GroupsOf(hidden + encoder),
        GroupsOf(width), Scale, Filters: true);

    /// <summary>Attention in such a block.</summary>
    internal static AttentionShape Attention(long width, long headWidth) => new(width, headWidth, MostGroups, Scale);

    /// <summary>Refuses networks whose image would not fit its features, and widths that cannot be normed.</summary>
    internal static void Check(UNet2DOptions options, ModelConfig config)
    {
        var (down, up) = (options.DownBlockTypes, options.UpBlockTypes);
        if (options.NormGroups is null && !down.Concat(up).All(IsSkip))
            throw config.Wrong("norm_num_groups", "given, unless all blocks are skip blocks");
        // The last level of the encoder halves nothing, the last of the decoder doubles nothing.
        foreach (var (key, types) in (((string, IEnumerable<string>)[])
            [("down_block_types", down.SkipLast(1)), ("up_block_types", up.Reverse())]))
            if (types.SkipWhile(IsSkip).Any(IsSkip))
                throw config.Wrong(key, "without other blocks between skip blocks and the full size");
        if (down.SkipLast(1).Any(IsSkip) && options.InChannels != ImageChannels)
            throw config.Wrong("in_channels", $"{ImageChannels} where down_block_types has skip blocks");
        if (up.SkipLast(1).Any(IsSkip) && options.OutChannels != ImageChannels)
            throw config.Wrong("out_channels", $"{ImageChannels} where up_block_types has skip blocks");
        for (var level = 0; level < down.Count; level++)
            if (options.DownShapes(level).Concat(options.UpShapes(level)).Any(shape => !shape.CanBeNormed))
                throw config.Wrong("block_out_channels", "widths that skip blocks can norm in min(width / 4, "
                    + $"{MostGroups}) groups");
        var attending = down.Zip(options.BlockOutChannels).Concat(up.Zip(options.BlockOutChannels.Reverse()));
        if (attending.Any(pair => pair.First.IsSkip() && UNet2DOptions.Attends(pair.First)
            && pair.Second % MostGroups != 0))
            throw config.Wrong("block_out_channels", $"multiples of {MostGroups} where skip blocks have attention");
    }
}
