using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Mlops.Diffusion.Images;

/// <summary>Reads PNG files (W3C PNG specification, second edition): every colour type and bit depth, palettes,
/// interlacing; checksums are verified. Transparency is laid over white; 16-bit samples are rounded to 8.</summary>
public static class PngReader
{
    private static readonly byte[] Signature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    // Adam7: first column, first row, column step, row step of the seven passes.
    private static readonly int[][] Passes =
        [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

    /// <summary>Reads a file as grey or RGB.</summary>
    /// <exception cref="InvalidDataException">the file is not a sound PNG; the message says where.</exception>
    public static RasterImage Read(string path) => Decode(File.ReadAllBytes(path), path);

    /// <summary>Reads the bytes of a file; <paramref name="name"/> is for error messages.</summary>
    public static RasterImage Decode(ReadOnlySpan<byte> file, string name)
    {
        if (file.Length < 8 || !file[..8].SequenceEqual(Signature))
            throw new InvalidDataException($"{name} is not a PNG file: its first eight bytes are not the PNG "
                + "signature.");

        PngHeader? header = null;
        byte[] palette = [], transparency = [];
        using var compressed = new MemoryStream();
        var ended = false;
        for (var at = 8; !ended && at < file.Length;)
        {
            var (type, data) = Chunk(file, ref at, name);
            if (header is null && type != "IHDR")
                throw new InvalidDataException($"{name}: the first chunk is {type}, not IHDR; the file is damaged.");
            switch (type)
            {
                case "IHDR": header = PngHeader.Parse(data, name); break;
                case "PLTE": palette = data.ToArray(); break;
                case "tRNS": transparency = data.ToArray(); break;
                case "IDAT": compressed.Write(data); break;
                case "IEND": ended = true; break;
                case var _ when char.IsUpper(type[0]):
                    throw new InvalidDataException($"{name}: chunk {type} is critical but unknown; save the "
                        + "image again.");
            }
        }

        if (header is null || !ended)
            throw new InvalidDataException($"{name} ends before its IEND chunk; the file is cut short.");
        var colours = new PngColours(header, palette, transparency, name);
        return Pixels(header, Inflate(compressed, header, name), colours, name);
    }

    private static (string Type, byte[] Data) Chunk(ReadOnlySpan<byte> file, ref int at, string name)
    {
        if (file.Length - at < 12)
            throw new InvalidDataException($"{name} ends inside a chunk at byte {at}; the file is cut short.");
        var length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
        if (length > file.Length - at - 12)
            throw new InvalidDataException($"{name} ends inside a chunk at byte {at}; the file is cut short.");

        var type = file.Slice(at + 4, 4);
        var data = file.Slice(at + 8, (int)length);
        if (Crc32.Of(type, data) != BinaryPrimitives.ReadUInt32BigEndian(file[(at + 8 + (int)length)..]))
            throw new InvalidDataException($"{name}: the chunk at byte {at} fails its checksum; the file is damaged.");
        at += 12 + (int)length;
        return (Encoding.ASCII.GetString(type), data.ToArray());
    }

    private static byte[] Inflate(MemoryStream compressed, PngHeader header, string name)
    {
        var expected = PassesOf(header).Sum(pass => pass.Height * (1L + header.RowBytes(pass.Width)));
        if (expected > 1L << 30)
            throw new InvalidDataException($"{name} would unpack to {expected} bytes; make the image smaller.");
        var raw = new byte[expected];
        compressed.Position = 0;
        using var zlib = new ZLibStream(compressed, CompressionMode.Decompress);
        if (zlib.ReadAtLeast(raw, raw.Length, throwOnEndOfStream: false) != raw.Length)
            throw new InvalidDataException($"{name} holds fewer pixels than its header says; the file is damaged.");

        return raw;
    }

    private static RasterImage Pixels(PngHeader header, byte[] raw, PngColours colours, string name)
    {
        var channels = colours.IsGrey ? 1 : 3;
        var samples = new byte[header.Width * header.Height * channels];
        var at = 0;
        foreach (var pass in PassesOf(header))
        {
            var previous = new byte[header.RowBytes(pass.Width)];
            for (var row = 0; row < pass.Height; row++)
            {
                var line = raw.AsSpan(at + 1, previous.Length);
                PngFilter.Undo(raw[at], line, previous, header.PixelBytes, name);
                for (var column = 0; column < pass.Width; column++)
                {
                    int x = pass.X + (column * pass.XStep), y = pass.Y + (row * pass.YStep);
                    colours.Write(line, column, samples.AsSpan(((y * header.Width) + x) * channels, channels));
                }

                line.CopyTo(previous);
                at += 1 + previous.Length;
            }
        }

        return new RasterImage(header.Width, header.Height, channels, samples);
    }

    private static IEnumerable<(int X, int Y, int XStep, int YStep, int Width, int Height)> PassesOf(PngHeader header)
    {
        if (!header.Interlaced)
            return [(0, 0, 1, 1, header.Width, header.Height)];

        return Passes
            .Select(p => (
                p[0], p[1], p[2], p[3], Ceiling(header.Width - p[0], p[2]), Ceiling(header.Height - p[1], p[3])))
            .Where(pass => pass.Item5 > 0 && pass.Item6 > 0);
    }

    private static int Ceiling(int length, int step) => (length + step - 1) / step;
}
