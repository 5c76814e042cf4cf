using System.Buffers.Binary;
using System.IO.Compression;

namespace Mlops.Diffusion.Data;

/// <summary>A file of unsigned bytes in LeCun's IDX format: two zero bytes, type 0x08, the number of dimensions, each
/// size as a big-endian 32-bit number, then the values; possibly compressed with gzip.</summary>
/// <param name="Sizes">Sizes of the dimensions; the first counts images or labels.</param>
/// <param name="Values">Row-major.</param>
internal sealed record IdxFile(IReadOnlyList<int> Sizes, byte[] Values)
{
    private const byte UnsignedByte = 0x08;
    private const long MaxBytes = 1L << 31;

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">Its name; gzip is recognized by content.</param>
    /// <param name="dimensions">How many dimensions it must have.</param>
    /// <exception cref="InvalidDataException">It is of another format, cut short, or longer than it says.</exception>
    public static IdxFile Read(string path, int dimensions)
    {
        try
        {
            using var file = File.OpenRead(path);
            var isGzip = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
            file.Position = 0;
            using Stream stream = isGzip ? new GZipStream(file, CompressionMode.Decompress) : file;
            return Read(stream, path, dimensions);
        }
        catch (EndOfStreamException exception)
        {
            throw new InvalidDataException($"{path} ends before its last value; fetch the file again.", exception);
        }
    }

    private static IdxFile Read(Stream stream, string path, int dimensions)
    {
        Span<byte> start = stackalloc byte[4];
        stream.ReadExactly(start);
        if (start[0] != 0 || start[1] != 0 || start[2] != UnsignedByte || start[3] != dimensions)
            throw new InvalidDataException($"{path} begins with {Convert.ToHexString(start)}, but an IDX file of bytes "
                + $"in {dimensions} dimensions begins with 0000080{dimensions}; name another file.");
        var sizes = new int[dimensions];
        var count = 1L;
        for (var d = 0; d < dimensions; d++)
        {
            stream.ReadExactly(start);
            sizes[d] = BinaryPrimitives.ReadInt32BigEndian(start);
            count = sizes[d] is > 0 and <= 1 << 24 ? count * sizes[d] : long.MaxValue;
            if (count > MaxBytes)
                throw new InvalidDataException(
                    $"{path} announces {string.Join(" x ", sizes[..(d + 1)])} values or more; fetch the file again.");
        }
        return new IdxFile(sizes, ReadValues(stream, path, count));
    }

    // Grows with what is there, so that a header that lies takes no memory.
    private static byte[] ReadValues(Stream stream, string path, long count)
    {
        using var values = new MemoryStream();
        stream.CopyTo(values);
        if (values.Length < count)
            throw new EndOfStreamException();
        if (values.Length > count)
            throw new InvalidDataException(
                $"{path} holds {values.Length} values where its header announces {count}; fetch the file again.");
        return values.ToArray();
    }
}
