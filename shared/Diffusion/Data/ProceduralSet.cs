using System.Collections.Concurrent;
using Mlops.Diffusion.Images;

namespace Mlops.Diffusion.Data;

/// <summary>32×32 RGB pictures of ten figures with random color, place, size, tilt and background gradient, drawn from
/// a seed when first asked for. Label = index mod 10.</summary>
public sealed class ProceduralSet(int count, long seed) : ImageSet
{
    /// <summary>Names of the classes, by label.</summary>
    public static readonly IReadOnlyList<string> Names =
        ["disc", "square", "triangle", "cross", "ring", "bars", "columns", "checks", "diagonals", "halves"];

    /// <summary>Side of a picture in pixels.</summary>
    public const int Side = 32;

    private readonly ConcurrentDictionary<int, RasterImage> _drawn = new();

    /// <inheritdoc/>
    public override int Count => count;

    /// <inheritdoc/>
    public override int Classes => Names.Count;

    /// <inheritdoc/>
    public override (int Channels, int Height, int Width) Shape => (3, Side, Side);

    /// <summary>One picture.</summary>
    public RasterImage Picture(int index) => _drawn.GetOrAdd(index, Draw);

    protected internal override long Fill(int index, Span<float> planes, bool mirrored)
    {
        ImageTensor.Fill(Picture(index), planes, mirrored);
        return index % Names.Count;
    }

    private RasterImage Draw(int index)
    {
        var random = new SeededRandom(Seeds.Of(seed, "procedural", index));
        var figure = Figure.Random(index % Names.Count, ref random);
        // Background and figure differ by at least a third of the color circle and in brightness, so that every
        // figure shows.
        var hue = random.Next();
        var bright = random.Next() < 0.5;
        var near = Hsv(hue, random.Next(0.2, 0.6), bright ? random.Next(0.75, 1) : random.Next(0.05, 0.25));
        var farValue = bright ? random.Next(0.6, 0.9) : random.Next(0.1, 0.4);
        var far = Hsv(hue + random.Next(-0.1, 0.1), random.Next(0.2, 0.6), farValue);
        var inkValue = bright ? random.Next(0.2, 0.55) : random.Next(0.75, 1);
        var ink = Hsv(hue + random.Next(0.33, 0.67), random.Next(0.7, 1), inkValue);
        var direction = random.Next(0, 2 * Math.PI);
        var samples = new byte[Side * Side * 3];
        for (var y = 0; y < Side; y++)
            for (var x = 0; x < Side; x++)
            {
                var blend = 0.5 + ((((x - 15.5) * Math.Cos(direction)) + ((y - 15.5) * Math.Sin(direction))) / 44);
                var cover = figure.Cover(x, y);
                for (var c = 0; c < 3; c++)
                {
                    var ground = near[c] + (blend * (far[c] - near[c]));
                    var value = ground + (cover * (ink[c] - ground));
                    samples[(((y * Side) + x) * 3) + c] = (byte)Math.Round(255 * value);
                }
            }

        return new RasterImage(Side, Side, 3, samples);
    }

    // Hue, saturation and value in [0, 1] to red, green and blue (Smith 1978).
    private static double[] Hsv(double hue, double saturation, double value) =>
        [.. new[] { 5.0, 3.0, 1.0 }.Select(n =>
        {
            var k = (n + ((hue - Math.Floor(hue)) * 6)) % 6;
            return value - (value * saturation * Math.Max(0, Math.Min(1, Math.Min(k, 4 - k))));
        })];
}
