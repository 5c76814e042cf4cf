using static TorchSharp.torch;

namespace Mlops.Diffusion.Data;

/// <summary>Which part of a set.</summary>
public enum DataSplit
{
    Train,

    /// <summary>Held-out images: the source's own, or every fifth of one that comes in one piece.</summary>
    Test,
}

/// <summary>Images of one size with class labels, addressed by index. Batches of a training run are a pure function of
/// (seed, step), so a resumed run sees the same images.</summary>
public abstract class ImageSet
{
    private (long Seed, long Epoch, int[] Order)? _shuffled;

    /// <summary>Number of images.</summary>
    public abstract int Count { get; }

    /// <summary>Number of classes; 0 where images have none (labels are then all 0 and mean nothing).</summary>
    public abstract int Classes { get; }

    /// <summary>Channels, height and width of every image.</summary>
    public abstract (int Channels, int Height, int Width) Shape { get; }

    /// <summary>Opens a <c>data</c> artifact (a folder with <c>data.json</c>), or a folder of CIFAR-10 batches, IDX
    /// files or pictures directly.</summary>
    /// <exception cref="DirectoryNotFoundException">the folder is missing.</exception>
    /// <exception cref="InvalidDataException">the folder holds no images, or damaged ones.</exception>
    public static ImageSet Open(string folder, DataSplit split = DataSplit.Train) => DataFolder.Open(folder, split);

    /// <summary>The images and labels of some indices.</summary>
    /// <param name="indices">Each in [0, Count).</param>
    /// <param name="mirror">Which of them are flipped left to right; null for none.</param>
    /// <returns>Images [N, C, H, W] float32 in [−1, 1] and labels [N] int64, in the caller's dispose scope.</returns>
    public (Tensor Images, Tensor Labels) Batch(IReadOnlyList<int> indices, IReadOnlyList<bool>? mirror = null)
    {
        var (channels, height, width) = Shape;
        var size = channels * height * width;
        var values = new float[indices.Count * size];
        var labels = new long[indices.Count];
        for (var n = 0; n < indices.Count; n++)
        {
            if (indices[n] < 0 || indices[n] >= Count)
                throw new ArgumentOutOfRangeException(nameof(indices), indices[n],
                    $"an index must be in [0, {Count - 1}].");
            labels[n] = Fill(indices[n], values.AsSpan(n * size, size), mirror is not null && mirror[n]);
        }

        return (
            tensor(values, [indices.Count, channels, height, width], float32, CPU),
            tensor(labels, [indices.Count], int64, CPU));
    }

    /// <summary>The batch of one training step: every epoch visits each image once, in an order of its own.</summary>
    /// <param name="step">Optimizer step, from 0.</param>
    /// <param name="flip">Mirror each image with probability ½.</param>
    public (Tensor Images, Tensor Labels) Batch(long seed, long step, int size, bool flip = false)
    {
        var coins = new SeededRandom(Seeds.Of(seed, "flip", step));
        var mirror = new bool[size];
        for (var i = 0; flip && i < size; i++)
            mirror[i] = coins.Next() < 0.5;

        return Batch(IndicesOf(seed, step * size, size), mirror);
    }

    /// <summary>The indices that <see cref="Batch(long, long, int, bool)"/> takes, from a position on in the epochs
    /// behind one another.</summary>
    public int[] IndicesOf(long seed, long first, int size)
    {
        if (size < 1)
            throw new ArgumentOutOfRangeException(nameof(size), size, "a batch needs at least 1 image.");
        var indices = new int[size];
        for (var i = 0; i < size; i++)
        {
            var position = first + i;
            indices[i] = OrderOf(seed, position / Count)[position % Count];
        }

        return indices;
    }

    /// <summary>Writes one image as [C, H, W] floats in [−1, 1] and returns its label.</summary>
    protected internal abstract long Fill(int index, Span<float> planes, bool mirrored);

    private int[] OrderOf(long seed, long epoch)
    {
        if (_shuffled is { } known && known.Seed == seed && known.Epoch == epoch)
            return known.Order;
        var order = new SeededRandom(Seeds.Of(seed, "shuffle", epoch)).Permutation(Count);
        _shuffled = (seed, epoch, order);
        return order;
    }
}
