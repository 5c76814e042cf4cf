using System.Globalization;
using System.Net;
using System.Text;
using Mlops.Contracts.Evaluations;

namespace Mlops.Evaluation.Report;

/// <summary>Inline drawings of a schedule and of curves. Only their lines are stretched to the width of the page; their
/// words are text of the page, readable on a telephone. Colors come from its style sheet.</summary>
public static class Drawing
{
    private const int Width = 1000, PlotHeight = 300, MaxPoints = 400, FewPoints = 12, Colors = 8;

    /// <summary>Heat map: one row per layer in execution order, one column per run of equal timesteps.</summary>
    public static string HeatMap(ScheduleMap schedule)
    {
        var map = new StringBuilder("<div class='heat' role='img' aria-label='Layers that run at each timestep'>");
        if (Routes(schedule) is { Count: > 1 } routes)
            AppendRoute(map, schedule, routes);
        foreach (var name in schedule.Layers)
            AppendRow(map, schedule, name, part => part.Skip.Contains(name)
                ? ("skip", $"{name}, {Times(part)}: skip")
                : ("run", $"{name}, {Times(part)}: run{Left(part, name)}"), part => part.Kept?[name]);
        return map.Append("<span></span><p class='ends'><span>t = 0, clean end</span>")
            .Append($"<span>t = {schedule.Timesteps - 1}, noise</span></p></div>").ToString();
    }

    /// <summary>The sampler's steps in order, one box each: filled where the network runs.</summary>
    public static string Steps(IReadOnlyList<string> steps)
    {
        var strip = new StringBuilder("<ol class='steps'>");
        foreach (var step in steps)
            strip.Append($"<li class='{(IsRun(step) ? "run" : "skip")}'><code>{Escape(step)}</code></li>");
        return strip.Append("</ol>").ToString();
    }

    /// <summary>Whether the network runs at a step, by what <see cref="ScheduleMap.Steps"/> says of it.</summary>
    public static bool IsRun(string step) => step.StartsWith("run", StringComparison.Ordinal);

    /// <summary>Line chart with a legend below; points that are not finite are left out.</summary>
    public static string LineChart(Chart chart)
    {
        var points = chart.Series.SelectMany(s => s.X.Zip(s.Y)).Where(p => double.IsFinite(p.Second)).ToList();
        if (points.Count == 0)
            return "<p class='note'>No finite values were recorded.</p>";
        var (x0, x1) = Range(points.Select(p => p.First));
        var (y0, y1) = Range(points.Select(p => p.Second));
        var plot = new StringBuilder($"<p class='note'>{Escape(chart.YLabel)}</p><div class='chart'><p class='ends'>")
            .Append($"<span>{Number(y1)}</span><span>{Number(y0)}</span></p>")
            .Append(Open(Width, PlotHeight, chart.Title));
        for (var i = 0; i < chart.Series.Count; i++)
        {
            var thin = Thin(chart.Series[i]).Select(p => (
                X: N((p.X - x0) / (x1 - x0) * Width), Y: N((y1 - p.Y) / (y1 - y0) * PlotHeight))).ToList();
            var line = string.Join(' ', thin.Select(p => $"{p.X},{p.Y}"));
            plot.Append($"<polyline class='series s{i % Colors}' points='{line}'/>");
            foreach (var (x, y) in thin.Count <= FewPoints ? thin : [])
                plot.Append($"<path class='series point s{i % Colors}' d='M{x} {y}h0'/>");
        }

        plot.Append($"</svg><span></span><p class='ends'><span>{Number(x0)}</span><span>{Escape(chart.XLabel)}</span>");
        plot.Append($"<span>{Number(x1)}</span></p></div><p class='legend'>");
        for (var i = 0; i < chart.Series.Count; i++)
            plot.Append($"<span class='l{i % Colors}'>{Escape(chart.Series[i].Name)}</span>");
        return plot.Append("</p>").ToString();
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

    // The distinct sets of layers that are left out, in order of time.
    private static List<string> Routes(ScheduleMap schedule) => [.. schedule.Parts.Select(RouteOf).Distinct()];

    private static string RouteOf(SchedulePart part) =>
        string.Join('\n', part.Skip.Concat((part.Kept ?? new Dictionary<string, double>())
            .Select(layer => FormattableString.Invariant($"{layer.Key} {layer.Value}"))));

    private static string Left(SchedulePart part, string layer) => part.Kept is { } kept
        ? string.Create(CultureInfo.InvariantCulture, $" with {kept[layer]:0%} of its MACs")
        : "";

    private static void AppendRoute(StringBuilder map, ScheduleMap schedule, List<string> routes) =>
        AppendRow(map, schedule, "sub-network", part =>
        {
            var route = routes.IndexOf(RouteOf(part));
            return ($"f{route % Colors}", $"sub-network {route + 1} of {routes.Count}, {Times(part)}: "
                + $"{schedule.Layers.Count - part.Skip.Count} of {schedule.Layers.Count} layers");
        });

    private static void AppendRow(
        StringBuilder map, ScheduleMap schedule, string name, Func<SchedulePart, (string Kind, string Title)> look,
        Func<SchedulePart, double?>? strength = null)
    {
        map.Append($"<span>{Escape(name)}</span>").Append(Open(schedule.Timesteps, 1, name));
        foreach (var part in schedule.Parts)
        {
            var (kind, title) = look(part);
            var pale = strength?.Invoke(part) is { } share ? $" fill-opacity='{N(share)}'" : "";
            map.Append($"<rect class='{kind}' x='{part.First}' width='{part.Length}' height='1'{pale}>");
            map.Append($"<title>{Escape(title)}</title></rect>");
        }

        map.Append("</svg>");
    }

    private static string Times(SchedulePart part) => $"t {part.First} to {part.First + part.Length - 1}";

    private static StringBuilder Open(int width, int height, string label) => new(
        $"<svg viewBox='0 0 {width} {height}' preserveAspectRatio='none' role='img' aria-label='{Escape(label)}'>");

    private static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
