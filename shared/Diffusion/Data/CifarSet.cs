namespace Mlops.Diffusion.Data;

/// <summary>CIFAR-10 in the binary distribution: files of 3073-byte records, a label and three 32×32 planes.</summary>
public sealed class CifarSet : ImageSet
{
    /// <summary>Names of the classes, by label.</summary>
    public static readonly IReadOnlyList<string> Names =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    private const string TrainFiles = "data_batch_*.bin", TestFile = "test_batch.bin";
    private const int Area = 32 * 32;
    private const int Record = 1 + (3 * Area);

    private readonly byte[][] _files;
    private readonly int[] _starts;

    /// <summary>Reads <c>data_batch_*.bin</c>, or <c>test_batch.bin</c> for the test split.</summary>
    /// <exception cref="InvalidDataException">a file is missing, cut short or has a label above 9.</exception>
    public CifarSet(string folder, DataSplit split)
    {
        var pattern = split == DataSplit.Train ? TrainFiles : TestFile;
        var paths = Directory.GetFiles(folder, pattern).Order(StringComparer.Ordinal).ToArray();
        // A folder with one half only gives it for both splits.
        if (paths.Length == 0)
            paths = [.. Directory.GetFiles(folder, "*_batch*.bin").Order(StringComparer.Ordinal)];
        if (paths.Length == 0)
            throw new InvalidDataException($"{folder} holds no {pattern}; unpack the binary version of CIFAR-10 "
                + "there.");
        _files = Array.ConvertAll(paths, Read);
        _starts = new int[_files.Length + 1];
        for (var f = 0; f < _files.Length; f++)
            _starts[f + 1] = _starts[f] + (_files[f].Length / Record);
    }

    /// <inheritdoc/>
    public override int Count => _starts[^1];

    /// <inheritdoc/>
    public override int Classes => 10;

    /// <inheritdoc/>
    public override (int Channels, int Height, int Width) Shape => (3, 32, 32);

    /// <summary>Whether a folder looks like CIFAR-10 batches.</summary>
    public static bool IsHere(string folder) => Directory.EnumerateFiles(folder, "*_batch*.bin").Any();

    /// <summary>Whether it holds both halves.</summary>
    public static bool IsSplit(string folder) =>
        File.Exists(Path.Combine(folder, TestFile)) && Directory.EnumerateFiles(folder, TrainFiles).Any();

    protected internal override long Fill(int index, Span<float> planes, bool mirrored)
    {
        var file = Array.FindLastIndex(_starts, start => start <= index);
        var record = _files[file].AsSpan((index - _starts[file]) * Record, Record);
        for (var i = 0; i < planes.Length; i++)
        {
            var column = i % 32;
            planes[i] = (record[1 + i - column + (mirrored ? 31 - column : column)] / 127.5f) - 1;
        }

        return record[0];
    }

    private static byte[] Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length == 0 || bytes.Length % Record != 0)
            throw new InvalidDataException(
                $"{path} has {bytes.Length} bytes, which is not a multiple of the record size {Record}; "
                + "copy it again.");
        for (var at = 0; at < bytes.Length; at += Record)
            if (bytes[at] > 9)
                throw new InvalidDataException(
                    $"{path} has label {bytes[at]} in record {at / Record}, but CIFAR-10 has labels 0 to 9; "
                    + "copy it again.");

        return bytes;
    }
}
