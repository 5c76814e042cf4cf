namespace Mlops.Diffusion.Data;

/// <summary>One part of images that come in one piece. Every fifth is held out, so that each class gives some where
/// they are in the order of their classes; of fewer than five the last.</summary>
internal sealed class HeldOutSet : ImageSet
{
    private const int Every = 5;

    private readonly ImageSet _all;
    private readonly DataSplit _split;

    /// <summary>A part of these images.</summary>
    /// <param name="folder">Where they are, for messages.</param>
    /// <exception cref="InvalidDataException">There is one image only.</exception>
    public HeldOutSet(ImageSet all, DataSplit split, string folder)
    {
        if (all.Count < 2)
            throw new InvalidDataException(
                $"{folder} holds one image only; put more there, because every fifth is held out for the evaluation.");
        (_all, _split) = (all, split);
        var held = Math.Max(1, all.Count / Every);
        Count = split == DataSplit.Test ? held : all.Count - held;
    }

    /// <inheritdoc/>
    public override int Count { get; }

    /// <inheritdoc/>
    public override int Classes => _all.Classes;

    /// <inheritdoc/>
    public override (int Channels, int Height, int Width) Shape => _all.Shape;

    protected internal override long Fill(int index, Span<float> planes, bool mirrored) =>
        _all.Fill(IndexInAll(index), planes, mirrored);

    private int IndexInAll(int index) => _split == DataSplit.Train
        ? index + Math.Min(index / (Every - 1), _all.Count / Every)
        : Math.Min((index * Every) + Every - 1, _all.Count - 1);
}
