using System.Buffers.Binary;

namespace Mlops.Diffusion.Images;

/// <summary>The IHDR chunk: size and sample layout.</summary>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Depth">Bits per sample.</param>
/// <param name="Colour">0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha.</param>
/// <param name="Interlaced">Whether rows come in the seven passes of Adam7.</param>
public sealed record PngHeader(int Width, int Height, int Depth, int Colour, bool Interlaced)
{
    /// <summary>Samples per pixel in the file.</summary>
    public int SamplesPerPixel => Colour switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    /// <summary>Distance of the filter's left neighbour, in bytes.</summary>
    public int PixelBytes => Math.Max(1, SamplesPerPixel * Depth / 8);

    /// <summary>Bytes of a row of <paramref name="width"/> pixels, without the filter byte.</summary>
    public int RowBytes(int width) => (int)((((long)width * SamplesPerPixel * Depth) + 7) / 8);

    /// <summary>Reads and checks the chunk.</summary>
    /// <exception cref="InvalidDataException">a field is outside the specification.</exception>
    public static PngHeader Parse(ReadOnlySpan<byte> data, string name)
    {
        if (data.Length != 13)
            throw new InvalidDataException($"{name}: IHDR has {data.Length} bytes, not 13; the file is damaged.");
        long width = BinaryPrimitives.ReadUInt32BigEndian(data),
            height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        int depth = data[8], colour = data[9];
        var depthFits = (colour, depth) is
            (0, 1 or 2 or 4 or 8 or 16) or (3, 1 or 2 or 4 or 8) or (2 or 4 or 6, 8 or 16);
        if (width is < 1 or > 1 << 15 || height is < 1 or > 1 << 15)
            throw new InvalidDataException($"{name} is {width}x{height} pixels; sides from 1 to 32768 can be read.");
        if (!depthFits || data[10] != 0 || data[11] != 0 || data[12] > 1)
            throw new InvalidDataException(
                $"{name}: IHDR names colour type {colour}, depth {depth}, compression {data[10]}, filter {data[11]}, "
                + $"interlace {data[12]}, which PNG does not define; save the image again.");

        return new PngHeader((int)width, (int)height, depth, colour, data[12] == 1);
    }
}
