using System.Buffers.Binary;

namespace Mlops.Diffusion.Images;

/// <summary>Turns a pixel of any PNG colour type into 8-bit grey or RGB over white.</summary>
public sealed class PngColours
{
    private readonly PngHeader _header;
    private readonly byte[] _palette;
    private readonly byte[] _transparency;
    private readonly string _name;

    /// <summary>Checks palette and transparency against the colour type.</summary>
    public PngColours(PngHeader header, byte[] palette, byte[] transparency, string name)
    {
        (_header, _palette, _transparency, _name) = (header, palette, transparency, name);
        if (header.Colour == 3 && (palette.Length == 0 || palette.Length % 3 != 0))
            throw new InvalidDataException($"{name} needs a palette of three bytes per colour, but has "
                + $"{palette.Length} bytes.");
        if (header.Colour is 0 or 2 && transparency.Length != 0 && transparency.Length != 2 * header.SamplesPerPixel)
            throw new InvalidDataException($"{name}: tRNS has {transparency.Length} bytes; the file is damaged.");
    }

    /// <summary>Whether pixels are grey.</summary>
    public bool IsGrey => _header.Colour is 0 or 4;

    /// <summary>Writes pixel <paramref name="column"/> of a reconstructed row into one or three bytes.</summary>
    public void Write(ReadOnlySpan<byte> row, int column, Span<byte> pixel)
    {
        var count = _header.SamplesPerPixel;
        Span<int> raw = stackalloc int[4];
        for (var s = 0; s < count; s++)
            raw[s] = Sample(row, (column * count) + s);

        if (_header.Colour == 3)
        {
            var entry = raw[0] * 3;
            if (entry + 3 > _palette.Length)
                throw new InvalidDataException($"{_name}: pixel colour {raw[0]} is outside its palette; the "
                    + "file is damaged.");
            var alpha = raw[0] < _transparency.Length ? _transparency[raw[0]] / 255.0 : 1;
            for (var c = 0; c < 3; c++)
                pixel[c] = OverWhite(_palette[entry + c], alpha);
            return;
        }

        var colours = pixel.Length;
        var largest = (1 << _header.Depth) - 1;
        var opacity = count > colours ? (double)raw[colours] / largest : IsKeyed(raw[..count]) ? 0 : 1;
        for (var c = 0; c < colours; c++)
            pixel[c] = OverWhite(raw[c] * 255.0 / largest, opacity);
    }

    private static byte OverWhite(double value, double alpha) =>
        (byte)Math.Round((value * alpha) + (255 * (1 - alpha)), MidpointRounding.AwayFromZero);

    private bool IsKeyed(ReadOnlySpan<int> raw)
    {
        if (_transparency.Length == 0)
            return false;
        for (var s = 0; s < raw.Length; s++)
            if (raw[s] != BinaryPrimitives.ReadUInt16BigEndian(_transparency.AsSpan(2 * s)))
                return false;

        return true;
    }

    private int Sample(ReadOnlySpan<byte> row, int index)
    {
        var depth = _header.Depth;
        if (depth == 16)
            return BinaryPrimitives.ReadUInt16BigEndian(row[(2 * index)..]);
        var bit = index * depth;

        return (row[bit / 8] >> (8 - depth - (bit % 8))) & ((1 << depth) - 1);
    }
}
