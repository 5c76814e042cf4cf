using System.Globalization;
using Mlops.Orchestrator.Api;
using Spectre.Console;

namespace Mlops.Cli.Display;

/// <summary>Where the time of a run went, attempt by attempt.</summary>
public static class AccountingTable
{
    private const double Mebi = 1 << 20;

    private static readonly string[] Numbers =
        ["wait s", "work s", "waste s", "cpu s", "gpu s", "MiB in", "out"];

    /// <summary>Prints the attempts, their sums, and the sum of the times beside the wall time.</summary>
    public static void Write(RunResponse run, IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.None).AddColumn(new TableColumn("job").NoWrap())
            .AddColumn("try").AddColumn(new TableColumn("outcome").NoWrap());
        foreach (var name in Numbers)
            table.AddColumn(new TableColumn(name).RightAligned().NoWrap());
        var rows = run.Attempts.Select(NumbersOf).ToList();
        foreach (var (attempt, numbers) in run.Attempts.Zip(rows))
            table.AddRow(
            [
                Markup.Escape(attempt.JobId), attempt.Attempt.ToString(CultureInfo.InvariantCulture),
                attempt.Outcome.ToString().ToLowerInvariant(), .. numbers.Select(Text),
            ]);
        table.AddRow(["sum", "", "", .. Numbers.Select((_, column) => Text(rows.Sum(row => row[column])))]);
        console.WriteLine();
        console.Write(table);
        var accounted = run.Attempts.Sum(attempt => attempt.WaitedSeconds + attempt.WorkedSeconds) + run.PausedSeconds;
        var share = run.WallSeconds > 0 ? accounted / run.WallSeconds : 1;
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"waited + worked + paused {run.PausedSeconds:0.0} s = {accounted:0.0} s, "
            + $"{share:0.0%} of the wall time {run.WallSeconds:0.0} s"));
    }

    private static double[] NumbersOf(AttemptResponse attempt) =>
    [
        attempt.WaitedSeconds, attempt.WorkedSeconds, attempt.WastedSeconds, attempt.Usage.CpuSeconds,
        attempt.Usage.GpuSeconds, attempt.Usage.BytesRead / Mebi, attempt.Usage.BytesWritten / Mebi,
    ];

    private static string Text(double number) => number.ToString("0.0", CultureInfo.InvariantCulture);
}
