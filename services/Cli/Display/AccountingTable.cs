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
        foreach (var attempt in run.Attempts)
            table.AddRow(
            [
                Markup.Escape(attempt.JobId), attempt.Attempt.ToString(CultureInfo.InvariantCulture),
                attempt.Outcome.ToString().ToLowerInvariant(),
                .. Row(
                    attempt.WaitedSeconds, attempt.WorkedSeconds, attempt.WastedSeconds, attempt.Usage.CpuSeconds,
                    attempt.Usage.GpuSeconds, attempt.Usage.BytesRead / Mebi, attempt.Usage.BytesWritten / Mebi),
            ]);
        table.AddRow(
        [
            "sum", "", "",
            .. Row(
                run.WaitedSeconds, run.WorkedSeconds, run.WastedSeconds, run.CpuSeconds, run.GpuSeconds,
                run.BytesRead / Mebi, run.BytesWritten / Mebi),
        ]);
        console.WriteLine();
        console.Write(table);
        var share = run.WallSeconds > 0 ? run.AccountedSeconds / run.WallSeconds : 1;
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"waited + worked + paused {run.PausedSeconds:0.0} s = {run.AccountedSeconds:0.0} s, "
            + $"{share:0.0%} of the wall time {run.WallSeconds:0.0} s"));
    }

    /// <summary>Prints how long each job took, waiting included, and its share of all.</summary>
    public static void WriteShares(RunResponse run, IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.None).AddColumn("job")
            .AddColumn(new TableColumn("seconds").RightAligned()).AddColumn(new TableColumn("share").RightAligned());
        foreach (var job in run.Attempts.GroupBy(attempt => attempt.JobId))
        {
            var seconds = job.Sum(attempt => attempt.WaitedSeconds + attempt.WorkedSeconds);
            var share = run.AccountedSeconds > 0 ? seconds / run.AccountedSeconds : 0;
            table.AddRow(Markup.Escape(job.Key), Number(seconds), $"{Number(share * 100)} %");
        }

        console.Write(table);
    }

    /// <summary>What each job took, in seconds, as rows of text with a head and a sum.</summary>
    public static IReadOnlyList<string[]> Costs(RunResponse run) =>
    [
        ["job", "worked s", "cpu s", "gpu s"],
        .. run.Attempts.GroupBy(attempt => attempt.JobId).Select(job => (string[])
        [
            job.Key,
            .. Row(
                job.Sum(attempt => attempt.WorkedSeconds), job.Sum(attempt => attempt.Usage.CpuSeconds),
                job.Sum(attempt => attempt.Usage.GpuSeconds)),
        ]),
        ["sum", .. Row(run.WorkedSeconds, run.CpuSeconds, run.GpuSeconds)],
    ];

    private static IEnumerable<string> Row(params double[] numbers) =>
        numbers.Select(Number);

    private static string Number(double number) => number.ToString("0.0", CultureInfo.InvariantCulture);
}
