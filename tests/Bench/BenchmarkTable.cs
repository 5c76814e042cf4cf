using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Mlops.Bench;

/// <summary>What a benchmark found: printed as a table for people and as JSON for programs.</summary>
/// <param name="Protocol">How it was measured, in one line.</param>
/// <param name="Columns">Headings; the first one names the row.</param>
/// <param name="Rows">As many cells as columns.</param>
/// <param name="Verdicts">Sentences that compare with what was wanted.</param>
public sealed record BenchmarkTable(
    string Name, string Protocol, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows,
    IReadOnlyList<string> Verdicts)
{
    /// <summary>Whether every promise was kept; a benchmark that only measures makes none.</summary>
    public bool Kept { get; init; } = true;

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>A section for <c>docs/benchmarks.md</c>.</summary>
    public string ToMarkdown(DateOnly date)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"## {Name}").AppendLine();
        text.AppendLine("```sh").AppendLine(CultureInfo.InvariantCulture, $"make bench NAME={Name}").AppendLine("```");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{date:yyyy-MM-dd}, {Machine.Describe()}. {Protocol}");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", Columns)} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"|{string.Concat(Enumerable.Repeat("---|", Columns.Count))}");
        foreach (var row in Rows)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row)} |");
        foreach (var verdict in Verdicts)
            text.AppendLine().AppendLine(verdict);
        return text.ToString();
    }

    /// <summary>The same for programs.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new { Name, Protocol, Machine = Machine.Describe(), Columns, Rows, Verdicts }, Indented);

    /// <summary>A number with as many digits as it deserves.</summary>
    public static string Number(double value, string format = "G4") =>
        value.ToString(format, CultureInfo.InvariantCulture);
}
