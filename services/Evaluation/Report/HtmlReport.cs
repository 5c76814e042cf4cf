using System.Text;
using Mlops.Contracts.Evaluations;

namespace Mlops.Evaluation.Report;

/// <summary>Writes an evaluation as one self-contained page: style, pictures and drawings are inside it.</summary>
public static class HtmlReport
{
    /// <summary>The page's name among the files of an evaluation.</summary>
    public const string FileName = "report.html";

    // Where the page of a run says what an evaluation cannot know: which run that was.
    private const string RunMark = "<!-- run -->";

    private static readonly string[] Tiles = ["total_macs", "calls", "parameters", "latency", "ssim"];

    /// <summary>Writes <c>report.html</c>.</summary>
    public static void Write(EvaluationReport report, ReportPictures pictures, string path)
    {
        var page = Page.Open($"Evaluation of {report.Method}");
        page.Append($"<h1>Pruned with {E(report.Method)}</h1>");
        page.Append($"<p class='lead'>Dense and pruned model, measured side by side with seed {report.Seed}.</p>");
        AppendVerdict(page, report.Verdict);
        foreach (var note in report.Notes ?? [])
            page.Append($"<section><p>Note: {E(note)}.</p></section>");
        AppendTiles(page, report);
        pictures.Slider?.Append(page);
        AppendTable(page, report.Measurements);
        if (pictures.Pairs.Length > 0)
            AppendPairs(page, pictures.Pairs);
        if (pictures.Data.Length > 0)
            Page.AppendImage(page.Append("<section><h2>The data</h2>"), pictures.Data, "Held-out images of the data")
                .Append("</section>");
        AppendSchedule(page, report.Schedule);
        foreach (var chart in report.Charts)
            page.Append($"<section><h2>{E(chart.Title)}</h2>{Drawing.LineChart(chart)}</section>");
        page.Append(RunMark);
        AppendLineage(page, report.Lineage);
        Page.Close(page, path);
    }

    /// <summary>Adds to a written page which run it is of, what that cost, and how its model is loaded.</summary>
    /// <param name="facts">Name and value.</param>
    /// <param name="costs">Rows of a table, its head first.</param>
    /// <param name="usage">Lines of Python; null if there is no model.</param>
    public static void AddRun(
        string path, IReadOnlyList<(string Name, string Value)> facts, IReadOnlyList<string[]> costs, string? usage)
    {
        var added = new StringBuilder("<section><h2>The run</h2><div class='scroll'><table><tbody>");
        foreach (var (name, value) in facts)
            added.Append($"<tr><td>{E(name)}</td><td class='protocol'>{E(value)}</td></tr>");
        added.Append("</tbody></table></div><h2 class='costs'>What it cost</h2><div class='scroll'><table>");
        foreach (var row in costs)
            added.Append("<tr>").AppendJoin("", row.Select(cell => $"<td>{E(cell)}</td>")).Append("</tr>");
        added.Append("</table></div></section>");
        if (usage is not null)
            added.Append("<section><h2>How to load the model</h2><pre class='scroll'>")
                .Append($"{E(usage.Trim())}</pre></section>");
        File.WriteAllText(path, File.ReadAllText(path).Replace(RunMark, added.ToString(), StringComparison.Ordinal));
    }

    private static void AppendPairs(StringBuilder page, byte[] pairs)
    {
        page.Append("<section><h2>Same noise, both models</h2><p class='note'>First row (blue): dense. Second row ");
        page.Append("(green): pruned. Third row (orange): their difference. A column shares noise and label.</p>");
        Page.AppendImage(page, pairs, "Pairs of dense and pruned samples").Append("</section>");
    }

    private static void AppendVerdict(StringBuilder page, Verdict verdict)
    {
        page.Append($"<section class='verdict{(verdict.Passed ? "" : " failed")}'><h2>");
        page.Append(verdict.Passed ? "Passed: quality held within the limits" : "Not passed").Append("</h2><ul>");
        foreach (var check in verdict.Checks)
        {
            page.Append($"<li><span class='mark{(check.Passed ? "'>passed" : " failed'>failed")}</span> ");
            page.Append($"{E(check.Sentence)}</li>");
        }

        page.Append("</ul></section>");
    }

    private static void AppendTiles(StringBuilder page, EvaluationReport report)
    {
        page.Append("<div class='tiles'>");
        foreach (var tile in report.Measurements.Where(m => Tiles.Contains(m.Name)))
        {
            var (value, note) = tile.Ratio is { } ratio
                ? ($"{Drawing.Number(ratio * 100)} %", $"{tile.Name} left of dense")
                : (Drawing.Number(tile.Pruned), $"{tile.Name} to dense");
            page.Append($"<div class='tile'><b>{value}</b><span>{E(note)}</span></div>");
        }

        page.Append("</div>");
    }

    private static void AppendTable(StringBuilder page, IReadOnlyList<Measurement> measurements)
    {
        page.Append("<section><h2>Measurements</h2><div class='scroll'><table><thead><tr><th>measurement</th>");
        page.Append("<th>dense</th><th>pruned</th><th>interval</th><th>pruned / dense</th><th>unit</th>");
        page.Append("<th class='protocol'>protocol</th></tr></thead><tbody>");
        foreach (var group in measurements.GroupBy(m => m.Group))
        {
            page.Append($"<tr class='group'><td colspan='7'>{E(group.Key)}</td></tr>");
            foreach (var m in group)
            {
                var interval = m is { Low: { } low, High: { } high }
                    ? $"{Drawing.Number(low)} to {Drawing.Number(high)}"
                    : "";
                page.Append($"<tr><td>{E(m.Name)} {(m.Better == Better.Lower ? "&#8595;" : "&#8593;")}</td>");
                page.Append($"<td>{(m.Dense is { } dense ? Drawing.Number(dense) : "")}</td>");
                page.Append($"<td>{Drawing.Number(m.Pruned)}</td><td>{interval}</td>");
                page.Append($"<td>{(m.Ratio is { } ratio ? Drawing.Number(ratio) : "")}</td><td>{E(m.Unit)}</td>");
                page.Append($"<td class='protocol'>{E(m.Protocol)}</td></tr>");
            }
        }

        page.Append("</tbody></table></div><p class='note'>The arrow shows which way is better. Numbers compare only ");
        page.Append("with numbers of the same protocol.</p></section>");
    }

    private static void AppendSchedule(StringBuilder page, ScheduleMap schedule)
    {
        page.Append("<section><h2>Schedule</h2>");
        if (schedule.Steps is { } steps)
        {
            page.Append("<p class='note'>The sampler's steps in order: where the network runs, and what is carried ");
            page.Append($"on elsewhere, with its &#946;. It runs in {steps.Count(Drawing.IsRun)} of {steps.Count}.")
                .Append("</p>").Append(Drawing.Steps(steps));
        }

        if (schedule.Layers.Count > 0)
            page.Append("<p class='note'>Filled: the layer runs at these timesteps")
                .Append(schedule.Parts[0].Kept is null ? "" : ", the fuller the more of its heads and neurons")
                .Append(". Pale: it is not called. ")
                .Append("The strip above them tells sub-networks apart, where there are several.</p>")
                .Append(Drawing.HeatMap(schedule));
        if (schedule.KeptChannels.Count > 0)
        {
            page.Append("<div class='scroll'><table><thead><tr><th>channel group</th><th>channels left</th></tr>");
            page.Append("</thead><tbody>");
            foreach (var (root, kept) in schedule.KeptChannels)
                page.Append($"<tr><td><code>{E(root)}</code></td><td>{kept}</td></tr>");
            page.Append("</tbody></table></div>");
        }

        page.Append("</section>");
    }

    private static void AppendLineage(StringBuilder page, IReadOnlyDictionary<string, string> lineage)
    {
        page.Append("<section><h2>Lineage</h2><div class='scroll'><table><tbody>");
        foreach (var (role, digest) in lineage)
            page.Append($"<tr><td>{E(role)}</td><td class='protocol'>{E(digest)}</td></tr>");
        page.Append("</tbody></table></div></section>");
    }

    private static string E(string text) => Drawing.Escape(text);
}
