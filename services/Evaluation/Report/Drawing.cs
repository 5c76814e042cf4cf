using System.Globalization;
using System.Net;
using System.Text;
using Mlops.Contracts.Evaluations;

namespace Mlops.Evaluation.Report;

/// <summary>Inline SVG of a schedule and of curves; colors come from the page's style sheet.</summary>
public static class Drawing
{
    private const int Width = 960, Margin = 72, RowHeight = 14, PlotHeight = 220, Top = 26, MaxPoints = 400,
        FewPoints = 12, Colors = 8;

    /// <summary>Heat map: one row per layer in execution order, one column per run of equal timesteps.</summary>
    public static string HeatMap(ScheduleMap schedule)
    {
        var left = 20 + (schedule.Layers.Max(name => name.Length) * 6);
        var scale = (double)(Width - left - 10) / schedule.Timesteps;
        var bottom = (schedule.Layers.Count * RowHeight) + 8;
        var svg = Open(Width, bottom + 34, "Layers that run at each timestep");
        for (var row = 0; row < schedule.Layers.Count; row++)
        {
            var (name, y) = (schedule.Layers[row], (row * RowHeight) + 4);
            svg.Append($"<text x='{left - 8}' y='{y + 10}' text-anchor='end'>{Escape(name)}</text>");
            foreach (var part in schedule.Parts)
            {
                var kind = part.Skip.Contains(name) ? "skip" : "run";
                var (x, width) = (left + (part.First * scale), part.Length * scale);
                svg.Append($"<rect class='{kind}' x='{N(x)}' y='{y}' width='{N(Math.Max(width - 1, 0.5))}' ");
                svg.Append($"height='{RowHeight - 2}'><title>{Escape(name)}, t {part.First} to ");
                svg.Append($"{part.First + part.Length - 1}: {kind}</title></rect>");
            }
        }

        svg.Append($"<text x='{left}' y='{bottom + 14}'>t = 0, clean end</text>");
        svg.Append($"<text x='{Width - 10}' y='{bottom + 14}' text-anchor='end'>");
        return svg.Append($"t = {schedule.Timesteps - 1}, noise</text></svg>").ToString();
    }

    /// <summary>Line chart with a legend below; points that are not finite are left out.</summary>
    public static string LineChart(Chart chart)
    {
        var points = chart.Series.SelectMany(s => s.X.Zip(s.Y)).Where(p => double.IsFinite(p.Second)).ToList();
        if (points.Count == 0)
            return "<p class='note'>No finite values were recorded.</p>";
        var (x0, x1) = Range(points.Select(p => p.First));
        var (y0, y1) = Range(points.Select(p => p.Second));
        double PlotX(double x) => Margin + ((x - x0) / (x1 - x0) * (Width - (2 * Margin)));
        double PlotY(double y) => Top + ((y1 - y) / (y1 - y0) * PlotHeight);

        var svg = Open(Width, PlotHeight + Top + 40, chart.Title);
        svg.Append($"<path class='axis' d='M{Margin} {Top}V{PlotHeight + Top}H{Width - Margin}'/>");
        foreach (var (y, at) in new[] { (y1, Top + 4), (y0, PlotHeight + Top) })
            svg.Append($"<text x='{Margin - 6}' y='{at}' text-anchor='end'>{Number(y)}</text>");
        var below = PlotHeight + Top + 18;
        svg.Append($"<text x='{Margin}' y='{below}'>{Number(x0)}</text>");
        svg.Append($"<text x='{Width - Margin}' y='{below}' text-anchor='end'>{Number(x1)}</text>");
        svg.Append($"<text x='{Width / 2}' y='{below}' text-anchor='middle'>{Escape(chart.XLabel)}</text>");
        svg.Append($"<text x='{Margin}' y='12'>{Escape(chart.YLabel)}</text>");
        for (var i = 0; i < chart.Series.Count; i++)
        {
            var thin = Thin(chart.Series[i]).Select(p => (X: N(PlotX(p.X)), Y: N(PlotY(p.Y)))).ToList();
            var line = string.Join(' ', thin.Select(p => $"{p.X},{p.Y}"));
            svg.Append($"<polyline class='series s{i % Colors}' points='{line}'/>");
            foreach (var (x, y) in thin.Count <= FewPoints ? thin : [])
                svg.Append($"<circle class='series point s{i % Colors}' cx='{x}' cy='{y}' r='3'/>");
        }

        svg.Append("</svg><p class='legend'>");
        for (var i = 0; i < chart.Series.Count; i++)
            svg.Append($"<span class='l{i % Colors}'>&#9473; {Escape(chart.Series[i].Name)}</span>");
        return svg.Append("</p>").ToString();
    }

    /// <summary>Text for a page.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    /// <summary>Four significant digits, with thousands apart.</summary>
    public static string Number(double value) => !double.IsFinite(value)
        ? value.ToString(CultureInfo.InvariantCulture)
        : Math.Abs(value) >= 1000
            ? value.ToString("N0", CultureInfo.InvariantCulture).Replace(',', ' ')
            : value.ToString("G4", CultureInfo.InvariantCulture);

    // A screen has no more columns than this; the last point of every bin is kept.
    private static IEnumerable<(double X, double Y)> Thin(Series series)
    {
        var every = Math.Max(1, series.X.Count / MaxPoints);
        return series.X.Zip(series.Y)
            .Where((point, i) => double.IsFinite(point.Second) && (i % every == every - 1 || i == series.X.Count - 1));
    }

    private static (double Low, double High) Range(IEnumerable<double> values)
    {
        var (low, high) = (values.Min(), values.Max());
        return high > low ? (low, high) : (low - 0.5, high + 0.5);
    }

    private static StringBuilder Open(int width, int height, string label) =>
        new($"<svg viewBox='0 0 {width} {height}' role='img' aria-label='{Escape(label)}'>");

    private static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
