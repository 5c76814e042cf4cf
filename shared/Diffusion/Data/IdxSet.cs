namespace Mlops.Diffusion.Data;

/// <summary>Gray images in IDX files as the MNIST family ships them: <c>train-images-idx3-ubyte</c> with
/// <c>train-labels-idx1-ubyte</c>, and <c>t10k-…</c> for the test split; each plain or as <c>.gz</c>.</summary>
public sealed class IdxSet : ImageSet
{
    private static readonly IReadOnlyList<string> Fashion =
        ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"];

    private readonly IdxFile _images;
    private readonly byte[] _labels;

    /// <summary>Reads the files of a split; a folder that holds one gives it for both.</summary>
    /// <exception cref="InvalidDataException">A file is missing,
    /// damaged, or the two do not belong together.</exception>
    public IdxSet(string folder, DataSplit split)
    {
        string[] prefixes = split == DataSplit.Train ? ["train", "t10k"] : ["t10k", "train"];
        var prefix = prefixes.FirstOrDefault(name => Find(folder, name, "images-idx3") is not null)
            ?? throw new InvalidDataException(
                $"{folder} holds no train-images-idx3-ubyte; put the four IDX files there.");
        _images = IdxFile.Read(Find(folder, prefix, "images-idx3")!, dimensions: 3);
        var labels = Find(folder, prefix, "labels-idx1") ?? throw new InvalidDataException(
            $"{folder} holds {prefix}-images-idx3-ubyte but no {prefix}-labels-idx1-ubyte; put it there, too.");
        _labels = IdxFile.Read(labels, dimensions: 1).Values;
        if (_labels.Length != Count)
            throw new InvalidDataException(
                $"{labels} holds {_labels.Length} labels for {Count} images; fetch both files of one version.");
        Classes = _labels.Max() + 1;
    }

    /// <inheritdoc/>
    public override int Count => _images.Sizes[0];

    /// <inheritdoc/>
    public override int Classes { get; }

    /// <inheritdoc/>
    public override (int Channels, int Height, int Width) Shape => (1, _images.Sizes[1], _images.Sizes[2]);

    /// <summary>Names of the classes where the folder's name tells them; null elsewhere.</summary>
    public static IReadOnlyList<string>? NamesIn(string folder) =>
        Path.GetFullPath(folder).Contains("fashion", StringComparison.OrdinalIgnoreCase) ? Fashion : null;

    /// <summary>Whether a folder holds IDX files.</summary>
    public static bool IsHere(string folder) => FilesIn(folder).Any();

    /// <summary>Whether it holds both splits.</summary>
    public static bool IsSplit(string folder) =>
        Find(folder, "train", "images-idx3") is not null && Find(folder, "t10k", "images-idx3") is not null;

    /// <summary>The IDX files of a folder.</summary>
    public static IEnumerable<string> FilesIn(string folder) =>
        from prefix in new[] { "train", "t10k" }
        from kind in new[] { "images-idx3", "labels-idx1" }
        let path = Find(folder, prefix, kind)
        where path is not null
        select path;

    protected internal override long Fill(int index, Span<float> planes, bool mirrored)
    {
        var (width, area) = (_images.Sizes[2], planes.Length);
        var pixels = _images.Values.AsSpan(index * area, area);
        for (var i = 0; i < area; i++)
        {
            var column = i % width;
            planes[i] = (pixels[i - column + (mirrored ? width - 1 - column : column)] / 127.5f) - 1;
        }

        return _labels[index];
    }

    private static string? Find(string folder, string prefix, string kind)
    {
        // The original distribution has a dash before ubyte, some copies a dot.
        string[] names = [$"{prefix}-{kind}-ubyte", $"{prefix}-{kind}-ubyte.gz",
            $"{prefix}-{kind.Replace('-', '.')}-ubyte", $"{prefix}-{kind.Replace('-', '.')}-ubyte.gz"];
        return names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }
}
