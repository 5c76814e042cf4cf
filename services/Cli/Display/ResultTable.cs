using System.Globalization;
using Mlops.Contracts.Evaluations;
using Spectre.Console;

namespace Mlops.Cli.Display;

/// <summary>The table dense | pruned at the end of a run; the report says each protocol in full.</summary>
public static class ResultTable
{
    private static readonly string[] Files =
        ["model", "model/samples.png", "pairs.png", "report.html", "evaluation.json", "run.json", "result.txt"];

    private static readonly string[] Prefixes = ["", "k", "M", "G", "T", "P"];

    /// <summary>Prints the evaluation in a results folder, and where everything is.</summary>
    public static void Write(DirectoryInfo folder, IAnsiConsole console)
    {
        if (File.Exists(Path.Combine(folder.FullName, EvaluationReport.FileName)))
            Write(EvaluationReport.Load(folder.FullName), console);
        foreach (var name in Files)
            if (Path.Exists(Path.Combine(folder.FullName, name)))
                console.WriteLine($"{name,-17} {Path.Combine(folder.FullName, name)}");
        ExportedModel.WriteLine(ExportedModel.Model(folder), console);
    }

    /// <summary>Prints an evaluation.</summary>
    public static void Write(EvaluationReport report, IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.Rounded)
            .AddColumn("").AddColumn(new TableColumn("dense").RightAligned())
            .AddColumn(new TableColumn("pruned").RightAligned()).AddColumn(new TableColumn("ratio").RightAligned());
        foreach (var number in report.Main)
            table.AddRow(
                Markup.Escape(number.Label),
                number.Dense is { } dense ? Short(dense) : "",
                Short(number.Pruned) + Interval(number),
                number.Ratio is { } ratio ? ratio.ToString("0.000", CultureInfo.InvariantCulture) : "");
        console.Write(table);
        foreach (var check in report.Verdict.Checks)
            console.MarkupLineInterpolated($"{check.Outcome}  {check.Sentence}");
        foreach (var note in report.Notes ?? [])
            console.MarkupLineInterpolated($"note  {note}");
    }

    private static string Interval(Measurement number) => number is { Low: { } low, High: { } high }
        ? Markup.Escape($" [{Short(low)}, {Short(high)}]")
        : "";

    private static string Short(double value)
    {
        var power = 0;
        while (Math.Abs(value) >= 1000 && power < Prefixes.Length - 1)
            (value, power) = (value / 1000, power + 1);
        return value.ToString("G4", CultureInfo.InvariantCulture) + Prefixes[power];
    }
}
