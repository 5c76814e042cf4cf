namespace Mlops.Diffusion.Images;

/// <summary>An image of 8-bit samples, rows from the top, channels interleaved (1 = gray, 3 = RGB).</summary>
public sealed class RasterImage
{
    /// <summary>Wraps the samples.</summary>
    public RasterImage(int width, int height, int channels, byte[] samples)
    {
        if (width < 1 || height < 1 || channels is not (1 or 3) || samples.Length != width * height * channels)
            throw new ArgumentException(
                $"an image of {width}x{height}x{channels} cannot hold {samples.Length} samples; channels must "
                + "be 1 or 3.");
        (Width, Height, Channels, Samples) = (width, height, channels, samples);
    }

    public int Width { get; }

    public int Height { get; }

    public int Channels { get; }

    /// <summary>Height · Width · Channels bytes.</summary>
    public byte[] Samples { get; }

    /// <summary>One sample.</summary>
    public byte this[int x, int y, int channel] => Samples[(((y * Width) + x) * Channels) + channel];

    /// <summary>Cuts the largest centered square and scales it to <paramref name="size"/>², RGB: shrinking averages
    /// the covered area, enlarging interpolates between pixel centers.</summary>
    public RasterImage SquareRgb(int size)
    {
        var side = Math.Min(Width, Height);
        int left = (Width - side) / 2, top = (Height - side) / 2;
        var weights = Weights(side, size);
        var samples = new byte[size * size * 3];
        for (var y = 0; y < size; y++)
            for (var x = 0; x < size; x++)
                for (var c = 0; c < 3; c++)
                {
                    var sum = 0.0;
                    foreach (var (row, wy) in weights[y])
                        foreach (var (column, wx) in weights[x])
                            sum += wy * wx * this[left + column, top + row, Channels == 1 ? 0 : c];
                    samples[(((y * size) + x) * 3) + c] = (byte)Math.Clamp(Math.Round(sum), 0, 255);
                }

        return new RasterImage(size, size, 3, samples);
    }

    // A triangle of at least one source pixel, widened when shrinking: the usual antialiased bilinear filter.
    private static (int Source, double Weight)[][] Weights(int from, int to)
    {
        var scale = (double)from / to;
        var radius = Math.Max(scale, 1);
        var rows = new (int, double)[to][];
        for (var i = 0; i < to; i++)
        {
            var center = (i + 0.5) * scale;
            var first = Math.Max(0, (int)Math.Floor(center - radius));
            var last = Math.Min(from - 1, (int)(center + radius));
            var taps = Enumerable.Range(first, last - first + 1)
                .Select(j => (j, Weight: Math.Max(0, 1 - (Math.Abs(j + 0.5 - center) / radius)))).ToArray();
            var total = taps.Sum(tap => tap.Weight);
            rows[i] = [.. taps.Where(tap => tap.Weight > 0).Select(tap => (tap.j, tap.Weight / total))];
        }

        return rows;
    }
}
