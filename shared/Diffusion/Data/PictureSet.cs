using System.Collections.Concurrent;
using Mlops.Diffusion.Images;

namespace Mlops.Diffusion.Data;

/// <summary>A folder of pictures (PNG, JPEG, WebP, …), center-cropped and scaled to one size; the name of the first
/// subfolder is the class.</summary>
public sealed class PictureSet : ImageSet
{
    private readonly string[] _paths;
    private readonly long[] _labels;
    private readonly int _size;
    private readonly ConcurrentDictionary<int, RasterImage> _read = new();
    private int _resized;

    /// <summary>Lists a folder; images are read when first asked for.</summary>
    /// <param name="folder">Images directly in it, or in one subfolder per class.</param>
    /// <param name="size">Side in pixels.</param>
    /// <exception cref="InvalidDataException">no image, or images both beside and inside subfolders.</exception>
    public PictureSet(string folder, int size)
    {
        if (size is < 4 or > 1024)
            throw new ArgumentOutOfRangeException(nameof(size), size, "the side of an image must be in [4, 1024].");
        _size = size;
        _paths = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(ImageFile.HasKnownExtension)
            .Order(StringComparer.Ordinal)];
        if (_paths.Length == 0)
            throw new InvalidDataException($"{folder} holds no picture ({string.Join(", ", ImageFile.Extensions)}); "
                + "put some there, or in one subfolder per class.");

        var names = Array.ConvertAll(_paths, path => ClassOf(folder, path));
        ClassNames = [.. names.Where(name => name != "").Distinct().Order(StringComparer.Ordinal)];
        if (ClassNames.Count > 0 && names.Contains(""))
            throw new InvalidDataException(
                $"{folder} holds images both directly and in subfolders; move "
                + $"{Path.GetFileName(_paths[Array.IndexOf(names, "")])} "
                + "and its like into a subfolder per class.");
        _labels = Array.ConvertAll(names, name => (long)Math.Max(0, ClassNames.ToList().IndexOf(name)));
    }

    /// <summary>Names of the classes, by label; empty where images have none.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public override int Count => _paths.Length;

    /// <inheritdoc/>
    public override int Classes => ClassNames.Count;

    /// <inheritdoc/>
    public override (int Channels, int Height, int Width) Shape => (3, _size, _size);

    /// <summary>How many of the images read so far were cropped or scaled.</summary>
    public int Resized => _resized;

    /// <summary>One image, RGB.</summary>
    public RasterImage Picture(int index) => _read.GetOrAdd(index, i =>
    {
        var image = ImageFile.Read(_paths[i]);
        if (image.Width != _size || image.Height != _size)
            Interlocked.Increment(ref _resized);
        return image.SquareRgb(_size);
    });

    /// <summary>The label of an image.</summary>
    public long Label(int index) => _labels[index];

    protected internal override long Fill(int index, Span<float> planes, bool mirrored)
    {
        ImageTensor.Fill(Picture(index), planes, mirrored);
        return _labels[index];
    }

    private static string ClassOf(string folder, string path)
    {
        var parts = Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar);
        return parts.Length > 1 ? parts[0] : "";
    }
}
