using System.Globalization;
using Mlops.Orchestrator.Api;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Submission;
using Spectre.Console;

namespace Mlops.Cli.Display;

/// <summary>The latest runs, a line each, and below why runs failed.</summary>
public static class RunTable
{
    /// <summary>Prints them.</summary>
    public static void Write(IReadOnlyList<RunResponse> runs, Terminal terminal)
    {
        if (runs.Count == 0)
        {
            terminal.Text.WriteLine("no runs yet; start one with: mlops run");
            return;
        }

        var table = new Table().Border(TableBorder.None);
        foreach (var name in (string[])["run", "recipe", "status", "verdict", "macs", "kept", "started", "jobs"])
            table.AddColumn(new TableColumn(name).NoWrap());
        foreach (var run in runs)
            table.AddRow(
                RunIds.Short(run.RunId), Markup.Escape(Recipe(run)), run.Status.ToString().ToLowerInvariant(),
                Verdict(run), Number(run.Macs), Number(run.Evaluation?.Kept),
                run.Started.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
                $"{run.Jobs.Count(job => job.Status == JobStatus.Completed)} of {run.Jobs.Count}");
        terminal.Out.Write(table);
        foreach (var run in runs)
            if (RunSentence.ReasonOf(run) is { } reason)
                terminal.Text.WriteLine($"{RunIds.Short(run.RunId)} {reason}");
    }

    // A recipe of one's own may be called anything.
    private static string Recipe(RunResponse run) => run.Evaluation?.Method is { } method && method != run.Recipe
        ? $"{run.Recipe}/{method}"
        : run.Recipe;

    private static string Verdict(RunResponse run) => run.Evaluation?.Verdict switch
    {
        RunVerdict.Pass => "[green]pass[/]",
        RunVerdict.Fail => "[red]FAIL[/]",
        RunVerdict.Unreadable => "unreadable",
        _ => "not judged",
    };

    private static string Number(double? share) => share?.ToString("0.###", CultureInfo.InvariantCulture) ?? "";
}
