namespace Mlops.Diffusion.Models;

/// <summary>
/// Fixed two-dimensional sine-cosine positions: the first half of the channels encodes the column, the second the row.
/// Grids of another size are squeezed into the range of the configured one.
/// </summary>
public static class PositionTable
{
    /// <summary>Positions [rows·columns, width], row-major.</summary>
    public static float[] Compute(long rows, long columns, long baseSize, long width)
    {
        var values = new float[rows * columns * width];
        for (var row = 0L; row < rows; row++)
            for (var column = 0L; column < columns; column++)
            {
                var target = values.AsSpan((int)(((row * columns) + column) * width), (int)width);
                Encode(column * (double)baseSize / columns, target[..(int)(width / 2)]);
                Encode(row * (double)baseSize / rows, target[(int)(width / 2)..]);
            }
        return values;
    }

    private static void Encode(double position, Span<float> target)
    {
        var half = target.Length / 2;
        for (var i = 0; i < half; i++)
        {
            var angle = position / Math.Pow(10000, i / (double)half);
            target[i] = (float)Math.Sin(angle);
            target[half + i] = (float)Math.Cos(angle);
        }
    }
}
