namespace Mlops.Diffusion.Data;

/// <summary>One figure of the procedural set as a function of the plane.</summary>
/// <param name="Kind">Index into <see cref="ProceduralSet.Names"/>.</param>
/// <param name="X">Center or phase in pixels.</param>
/// <param name="Y">Center or phase in pixels.</param>
/// <param name="Size">Radius, or period of a pattern, in pixels.</param>
/// <param name="Tilt">Radians.</param>
public sealed record Figure(int Kind, double X, double Y, double Size, double Tilt)
{
    /// <summary>A figure of a kind at a random place.</summary>
    public static Figure Random(int kind, ref SeededRandom random)
    {
        var isPattern = kind is 5 or 6 or 7 or 8;
        var size = isPattern ? random.Next(8, 13) : random.Next(6, 11.5);
        var tilt = kind switch
        {
            8 => Math.PI / 4,
            9 => random.Next(0, 2 * Math.PI),
            _ => random.Next(-0.15, 0.15),
        };
        return new Figure(kind, random.Next(11, 21), random.Next(11, 21), size, tilt);
    }

    /// <summary>Share of a pixel that the figure covers, from 3×3 points.</summary>
    public double Cover(int x, int y)
    {
        var hits = 0;
        for (var i = 0; i < 9; i++)
            if (Contains(x - X + ((i % 3 - 1) / 3.0), y - Y + ((i / 3 - 1) / 3.0)))
                hits++;

        return hits / 9.0;
    }

    private bool Contains(double dx, double dy)
    {
        double cos = Math.Cos(Tilt), sin = Math.Sin(Tilt);
        double u = ((dx * cos) + (dy * sin)) / Size, v = ((dy * cos) - (dx * sin)) / Size;
        return Kind switch
        {
            0 => (u * u) + (v * v) < 1,
            1 => Math.Max(Math.Abs(u), Math.Abs(v)) < 0.85,
            2 => v is < 0.8 and > -0.9 && Math.Abs(u) < (v + 0.9) * 0.6,
            3 => Math.Max(Math.Abs(u), Math.Abs(v)) < 1.05 && Math.Min(Math.Abs(u), Math.Abs(v)) < 0.3,
            4 => (u * u) + (v * v) is < 1.1 and > 0.4,
            5 => Wave(v),
            6 => Wave(u),
            7 => Wave(u) != Wave(v),
            8 => Wave(u),
            _ => u < 0,
        };
    }

    private static bool Wave(double x) => x - Math.Floor(x) < 0.5;
}
