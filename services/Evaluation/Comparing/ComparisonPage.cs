using System.Globalization;
using System.Text;
using Mlops.Contracts.Evaluations;
using Mlops.Diffusion.Metrics;
using Mlops.Evaluation.Report;

namespace Mlops.Evaluation.Comparing;

/// <summary>A comparison as a page: quality against MACs, the table, pictures of every run.</summary>
public static class ComparisonPage
{
    private const string Dense = "Distance to the dense model's samples", Truth = "Distance to the true trajectory";

    /// <summary>Writes the page.</summary>
    public static void Write(Comparison comparison, IReadOnlyList<ComparedRun> runs, string path)
    {
        var page = Page.Open("Comparison of runs");
        page.Append("<h1>Methods at equal total MACs per image</h1>");
        page.Append($"<p class='lead'>{E(comparison.Protocol)}</p>");
        foreach (var front in Fronts(comparison))
            Append(page, front);
        AppendTable(page, comparison);
        AppendPictures(page, runs);
        Page.Close(page, path);
    }

    /// <summary>The charts of a comparison: by the distance to the dense model, and to the truth if that was drawn.
    /// </summary>
    public static IReadOnlyList<Chart> Fronts(Comparison comparison) =>
    [
        Front(Dense, comparison, row => row.ToDense),
        .. comparison.Rows.Any(row => row.ToTruth is not null)
            ? [Front(Truth, comparison, row => row.ToTruth)]
            : Array.Empty<Chart>(),
    ];

    /// <summary>Quality against MACs: one line per method, decades of the distance upwards.</summary>
    public static Chart Front(string title, Comparison comparison, Func<ComparisonRow, Interval?> distance) => new(
        title, "total MACs left", "log10 of the relative squared distance",
        [
            .. comparison.Rows.GroupBy(row => row.Name).Select(method =>
            {
                var points = method.Where(row => distance(row) is { Mean: > 0 }).OrderBy(row => row.TotalMacs).ToList();
                return new Series(
                    method.Key, points.ConvertAll(row => row.TotalMacs),
                    points.ConvertAll(row => Math.Log10(distance(row)!.Mean)));
            }),
        ]);

    /// <summary>An interval in few digits.</summary>
    public static string Text(Interval? interval) => interval is null
        ? ""
        : string.Create(
            CultureInfo.InvariantCulture, $"{interval.Mean:0.0e+0} [{interval.Low:0.0e+0}, {interval.High:0.0e+0}]");

    /// <summary>Which way it went, and by how much.</summary>
    public static string Text(PairedOutcome? outcome) => outcome is null
        ? ""
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{outcome.Outcome.ToString().ToLowerInvariant()} ({outcome.Ratio:0.0#} x, {outcome.SeedsBetter} of {
                outcome.Seeds} seeds)");

    private static void Append(StringBuilder page, Chart chart) =>
        page.Append($"<section><h2>{E(chart.Title)}</h2>{Drawing.LineChart(chart)}</section>");

    private static void AppendTable(StringBuilder page, Comparison comparison)
    {
        var first = comparison.Rows[0].Name;
        page.Append("<section><h2>All methods</h2><div class='scroll'><table><thead><tr><th>method</th>");
        page.Append("<th>total MACs</th><th>calls</th><th>to the dense sample</th><th>to the truth</th><th>SSIM</th>");
        page.Append($"<th>speed-up</th><th>{E(first)}, by dense</th><th>{E(first)}, by truth</th>");
        page.Append("</tr></thead><tbody>");
        foreach (var budget in comparison.Rows.GroupBy(row => row.Budget))
        {
            if (budget.Key is { } share)
                page.Append($"<tr class='group'><td colspan='9'>budget {Drawing.Number(share)}</td></tr>");
            foreach (var row in budget)
            {
                page.Append("<tr><td>").AppendJoin("</td><td>", Cells(row).Select(E)).Append("</td>");
                foreach (var outcome in new[] { row.AgainstDense, row.AgainstTruth })
                    page.Append($"<td class='outcome'>{E(Text(outcome))}</td>");
                page.Append("</tr>");
            }
        }

        page.Append("</tbody></table></div><p class='note'>Squared distance relative to the variance of the dense ");
        page.Append("samples, mean and 95 % bootstrap interval. The dense model itself is ");
        page.Append($"{E(comparison.DenseToTruth is { } own ? Text(own) : "at an unknown distance")} from the truth. ");
        page.Append($"Better and worse are said of {E(first)}: at least a tenth, an interval of the paired ");
        page.Append("difference without zero, and four of five seeds.</p>");
        foreach (var remark in comparison.Remarks)
            page.Append($"<p class='note'>{E(remark)}</p>");
        page.Append("</section>");
    }

    private static IEnumerable<string> Cells(ComparisonRow row) =>
    [
        row.Name, Drawing.Number(row.TotalMacs), Drawing.Number(row.Calls), Text(row.ToDense), Text(row.ToTruth),
        row.Ssim is { } ssim ? ssim.ToString("0.0000", CultureInfo.InvariantCulture) : "",
        row.SpeedUp is { } faster ? Drawing.Number(faster) : "",
    ];

    private static void AppendPictures(StringBuilder page, IReadOnlyList<ComparedRun> runs)
    {
        // One seed is enough for the eye.
        foreach (var run in runs.Where(run => run.Report.Seed == runs[0].Report.Seed && run.Pairs is { Length: > 0 }))
        {
            var budget = run.Budget is { } share ? $", budget {Drawing.Number(share)}" : "";
            page.Append($"<section><h2>{E(run.Name + budget)}</h2><p class='note'>Dense, pruned, difference.</p>");
            Page.AppendImage(page, run.Pairs!, "Pairs of dense and pruned samples").Append("</section>");
        }
    }

    private static string E(string text) => Drawing.Escape(text);
}
