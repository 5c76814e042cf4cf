using System.CommandLine;
using System.Globalization;
using Mlops.Cli.Display;
using Mlops.Cli.Hosting;
using Mlops.Orchestrator.Api;
using Spectre.Console;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops status [RUN]</c>: the runs of this home, or one of them with its jobs.</summary>
public static class StatusCommand
{
    private const int RunsShown = 20;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var run = new Argument<string?>("run")
        {
            Description = "A run's id, or enough of its beginning", Arity = ArgumentArity.ZeroOrOne,
        };
        var (home, server) = (CommonOptions.Home(), CommonOptions.Server());
        var command = new Command("status", "Show the latest runs, or one run with its jobs") { run, home, server };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, async terminal =>
        {
            await using var history = new RunHistory(parsed.GetRequiredValue(home), parsed.ServerOf(server));
            if (parsed.GetValue(run) is { } prefix)
            {
                var found = await history.FindAsync(prefix, cancellationToken);
                terminal.Show(found, () => WriteRun(found, terminal));
            }
            else
            {
                var runs = await history.ListAsync(RunsShown, cancellationToken);
                terminal.Show(runs, () => RunTable.Write(runs, terminal));
            }

            return ExitCodes.Success;
        }, cancellationToken));
        return command;
    }

    private static void WriteRun(RunResponse run, Terminal terminal)
    {
        terminal.Text.WriteLine(
            $"{run.RunId:N}  {run.Recipe}  {run.Status.ToString().ToLowerInvariant()}  seed {run.Seed}");
        terminal.Text.WriteLine(RunSentence.Of(run));
        var table = new Table().Border(TableBorder.None)
            .AddColumn("job").AddColumn("status").AddColumn("attempt").AddColumn("seconds").AddColumn("result");
        foreach (var job in run.Jobs)
            table.AddRow(
                Markup.Escape(job.JobId), job.Cached ? "cached" : job.Status.ToString().ToLowerInvariant(),
                job.Attempt.ToString(CultureInfo.InvariantCulture),
                job.Seconds.ToString("0.0", CultureInfo.InvariantCulture),
                Markup.Escape(job.Output?.Sha256[..12] ?? job.Reason ?? job.Activity ?? ""));
        terminal.Out.Write(table);
        if (run.Attempts.Count > 0)
            AccountingTable.Write(run, terminal.Out);
    }
}
