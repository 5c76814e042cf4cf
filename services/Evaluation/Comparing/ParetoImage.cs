using System.Globalization;
using Mlops.Contracts.Evaluations;
using Mlops.Diffusion.Images;

namespace Mlops.Evaluation.Comparing;

/// <summary>Quality against MACs as a picture: decades upwards, a line a method, its name beside its last point.
/// </summary>
public sealed class ParetoImage
{
    private const int Width = 1000, Height = 440, Left = 100, Right = 310, Top = 60, Bottom = 70;
    private const int Dot = 3, Radius = 5, NameHeight = 22, Middle = 7, MaxTicks = 12;
    private const double Margin = 0.06;

    private static readonly byte[] Ink = [60, 60, 60], Faint = [225, 225, 225];

    private static readonly byte[][] Colors =
    [
        [31, 105, 180], [214, 60, 40], [44, 140, 60], [148, 90, 190], [230, 140, 20], [0, 150, 160], [190, 60, 130],
        [120, 110, 90],
    ];

    private readonly byte[] _pixels;
    private readonly Chart _chart;
    private readonly int _top;
    private readonly double _low, _high, _from, _to;

    private ParetoImage(byte[] pixels, Chart chart, int top)
    {
        (_pixels, _chart, _top) = (pixels, chart, top);
        (_from, _to) = Range(chart.Series.SelectMany(series => series.X));
        (_low, _high) = Range(chart.Series.SelectMany(series => series.Y));
    }

    /// <summary>Writes charts below one another as a PNG; their Y is a log10, as that of
    /// <see cref="ComparisonPage.Front"/>.</summary>
    public static void Write(IReadOnlyList<Chart> charts, string path)
    {
        var pixels = new byte[Width * Height * charts.Count * 3];
        Array.Fill(pixels, (byte)255);
        for (var at = 0; at < charts.Count; at++)
            new ParetoImage(pixels, charts[at], at * Height).Draw();
        ImageFile.WritePng(new RasterImage(Width, Height * charts.Count, 3, pixels), path);
    }

    private void Draw()
    {
        DrawAxes();
        var name = _top + Top - NameHeight;
        foreach (var (series, color) in _chart.Series.Select((series, at) => (series, Colors[at % Colors.Length]))
            .Where(each => each.series.Y.Count > 0).OrderByDescending(each => each.series.Y[^1]))
        {
            // Names that would lie upon each other go down.
            name = Math.Max(name + NameHeight, Y(series.Y[^1]) - Middle);
            DrawSeries(series, name, color);
        }
    }

    private void DrawAxes()
    {
        Text(_chart.Title, Left, _top + (Top / 3), Ink);
        Text(_chart.XLabel, Left, _top + Height - (Bottom / 3), Ink);
        foreach (var value in Ticks())
        {
            Line(Left, Y(Math.Log10(value)), Width - Right, Y(Math.Log10(value)), Faint);
            Text(value.ToString("0e+0", CultureInfo.InvariantCulture), Left - 60, Y(Math.Log10(value)) - Middle, Ink);
        }

        foreach (var x in _chart.Series.SelectMany(series => series.X).DistinctBy(x => Math.Round(x, 2)))
        {
            Line(X(x), _top + Top, X(x), _top + Height - Bottom, Faint);
            Text(x.ToString("0.##", CultureInfo.InvariantCulture), X(x) - 20, _top + Height - Bottom + 8, Ink);
        }

        Line(Left, _top + Top, Left, _top + Height - Bottom, Ink);
        Line(Left, _top + Height - Bottom, Width - Right, _top + Height - Bottom, Ink);
    }

    private void DrawSeries(Series series, int name, byte[] color)
    {
        for (var at = 0; at < series.X.Count; at++)
        {
            if (at > 0)
                Line(X(series.X[at - 1]), Y(series.Y[at - 1]), X(series.X[at]), Y(series.Y[at]), color);
            Disk(X(series.X[at]), Y(series.Y[at]), color);
        }

        Line(X(series.X[^1]), Y(series.Y[^1]), Width - Right + 6, name + Middle, color);
        Text(series.Name, Width - Right + 12, name, color);
    }

    // 1, 2 and 5 of every decade; the decades alone where that would be too many.
    private IEnumerable<double> Ticks()
    {
        var all = (
            from decade in Enumerable.Range((int)Math.Floor(_low), (int)(_high - _low) + 3)
            from digit in (double[])[1, 2, 5]
            let value = digit * Math.Pow(10, decade)
            where Math.Log10(value) >= _low && Math.Log10(value) <= _high
            select (digit, value)).ToList();
        return all.Where(tick => all.Count <= MaxTicks || tick.digit == 1).Select(tick => tick.value);
    }

    private static (double Low, double High) Range(IEnumerable<double> values)
    {
        var all = values.DefaultIfEmpty(0).ToList();
        var margin = Math.Max(Margin * (all.Max() - all.Min()), 0.02);
        return (all.Min() - margin, all.Max() + margin);
    }

    private int X(double x) => Left + (int)Math.Round((x - _from) / (_to - _from) * (Width - Left - Right));

    private int Y(double y) =>
        _top + Height - Bottom - (int)Math.Round((y - _low) / (_high - _low) * (Height - Top - Bottom));

    private void Text(string text, int left, int top, byte[] color)
    {
        foreach (var (x, y) in PixelFont.Dots(text))
            for (var i = 0; i < Dot * Dot; i++)
                Set(left + (x * Dot) + (i % Dot), top + (y * Dot) + (i / Dot), color);
    }

    private void Disk(int x, int y, byte[] color)
    {
        for (var dy = -Radius; dy <= Radius; dy++)
            for (var dx = -Radius; dx <= Radius; dx++)
                if ((dx * dx) + (dy * dy) <= Radius * Radius)
                    Set(x + dx, y + dy, color);
    }

    private void Line(int x, int y, int endX, int endY, byte[] color)
    {
        var length = Math.Max(1, Math.Max(Math.Abs(endX - x), Math.Abs(endY - y)));
        for (var i = 0; i <= length; i++)
            Set(x + ((endX - x) * i / length), y + ((endY - y) * i / length), color);
    }

    private void Set(int x, int y, byte[] color)
    {
        if (x is >= 0 and < Width && y >= _top && y < _top + Height)
            color.CopyTo(_pixels, ((y * Width) + x) * 3);
    }
}
