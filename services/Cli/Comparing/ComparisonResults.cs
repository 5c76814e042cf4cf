using System.Globalization;
using Mlops.Cli.Display;
using Mlops.Cli.Hosting;
using Mlops.Evaluation.Comparing;
using Spectre.Console;

namespace Mlops.Cli.Comparing;

/// <summary>What a comparison leaves behind: the table on the terminal, all of it as a page and as JSON, and the plot
/// alone.</summary>
public sealed class ComparisonResults(DirectoryInfo folder)
{
    private const string Data = "comparison.json", PageFile = "comparison.html", PlotFile = "comparison.png";

    /// <summary>Refuses a folder whose files are not those of an earlier comparison.</summary>
    /// <exception cref="ArgumentException">It has others.</exception>
    public void CheckIsFree() => ResultFolder.CheckIsFree(folder, Data, "comparison");

    /// <summary>Writes the files and prints the table.</summary>
    public void Write(Comparison comparison, IReadOnlyList<ComparedRun> runs, Terminal terminal)
    {
        folder.Create();
        var (data, page) = (Path.Combine(folder.FullName, Data), Path.Combine(folder.FullName, PageFile));
        File.WriteAllText(data, comparison.ToJson());
        ComparisonPage.Write(comparison, runs, page);
        var plot = Path.Combine(folder.FullName, PlotFile);
        ParetoImage.Write(ComparisonPage.Fronts(comparison), plot);
        terminal.Text.WriteLine(comparison.Protocol);
        terminal.Out.Write(Table(comparison));
        foreach (var outcome in Outcomes(comparison))
            terminal.Text.WriteLine(outcome);
        foreach (var remark in comparison.Remarks)
            terminal.Text.WriteLine(remark);
        if (comparison.DenseToTruth is { } dense)
            terminal.Text.WriteLine($"dense to truth: {ComparisonPage.Text(dense)}");
        terminal.Text.WriteLine($"{Data,-17} {data}");
        terminal.Text.WriteLine($"{PageFile,-17} {page}");
        terminal.Text.WriteLine($"{PlotFile,-17} {plot}");
    }

    private static Table Table(Comparison comparison)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumn(new TableColumn("method").NoWrap())
            .AddColumn("MACs").AddColumn("calls").AddColumn("to dense").AddColumn("to truth").AddColumn("SSIM")
            .AddColumn("speed");
        foreach (var row in comparison.Rows)
            table.AddRow(
                Markup.Escape(row.Name), Number(row.TotalMacs, "0.###"), Number(row.Calls, "0.##"),
                Number(row.ToDense.Mean, "0.0e+0"), Number(row.ToTruth?.Mean, "0.0e+0"), Number(row.Ssim, "0.0000"),
                Number(row.SpeedUp, "0.00"));
        return table;
    }

    private static IEnumerable<string> Outcomes(Comparison comparison) =>
        from row in comparison.Rows
        where row.AgainstDense is not null
        let share = row.Budget is { } budget ? $" at {Number(budget, "0.###")}" : ""
        let truth = row.AgainstTruth is { } against ? $"; by truth {ComparisonPage.Text(against)}" : ""
        select $"{comparison.Rows[0].Name} against {row.Name}{share}: by dense "
            + ComparisonPage.Text(row.AgainstDense) + truth;

    private static string Number(double? value, string format) =>
        value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
