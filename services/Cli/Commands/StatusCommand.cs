using System.CommandLine;
using System.Globalization;
using Mlops.Cli.Display;
using Mlops.Cli.Hosting;
using Mlops.Orchestrator.Api;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Store;
using Mlops.Orchestrator.Submission;
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
            var prefix = parsed.GetValue(run);
            if (parsed.ServerOf(server) is { } address)
            {
                using var client = RunHosts.Client(address);
                if (prefix is null)
                    WriteRuns(await client.ListAsync(RunsShown, cancellationToken), terminal.Out);
                else
                    WriteRun(await client.FindAsync(prefix, cancellationToken), terminal.Out);
                return ExitCodes.Success;
            }

            // Read beside the process that drives the runs of this home.
            var queries = new RunQueries(EmbeddedHost.HistoryFile(parsed.GetRequiredValue(home)));
            if (prefix is null)
                WriteRuns(
                    [.. (await queries.ListAsync(RunsShown, cancellationToken)).Select(each => Shown(each))],
                    terminal.Out);
            else
                WriteRun(Shown(await queries.GetAsync(prefix, cancellationToken)), terminal.Out);
            return ExitCodes.Success;
        }, cancellationToken));
        return command;
    }

    private static RunResponse Shown(RunState run) => RunResponse.From(run, TimeProvider.System.GetUtcNow());

    private static void WriteRuns(IReadOnlyList<RunResponse> runs, IAnsiConsole console)
    {
        if (runs.Count == 0)
        {
            console.WriteLine("no runs yet; start one with: mlops run");
            return;
        }

        var table = new Table().Border(TableBorder.None)
            .AddColumn("run").AddColumn("recipe").AddColumn("status").AddColumn("started").AddColumn("jobs");
        foreach (var run in runs)
            table.AddRow(
                RunIds.Short(run.RunId), Markup.Escape(run.Recipe), run.Status.ToString().ToLowerInvariant(),
                run.Started.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                $"{run.Jobs.Count(job => job.Status == JobStatus.Completed)} of {run.Jobs.Count}");
        console.Write(table);
    }

    private static void WriteRun(RunResponse run, IAnsiConsole console)
    {
        console.WriteLine($"{run.RunId:N}  {run.Recipe}  {run.Status.ToString().ToLowerInvariant()}  seed {run.Seed}");
        if (run.Reason is { } reason)
            console.WriteLine(reason);
        var table = new Table().Border(TableBorder.None)
            .AddColumn("job").AddColumn("status").AddColumn("attempt").AddColumn("seconds").AddColumn("result");
        foreach (var job in run.Jobs)
            table.AddRow(
                Markup.Escape(job.JobId), job.Cached ? "cached" : job.Status.ToString().ToLowerInvariant(),
                job.Attempt.ToString(CultureInfo.InvariantCulture),
                job.Seconds.ToString("0.0", CultureInfo.InvariantCulture),
                Markup.Escape(job.Output?.Sha256[..12] ?? job.Reason ?? job.Activity ?? ""));
        console.Write(table);
        if (run.Attempts.Count > 0)
            AccountingTable.Write(run, console);
    }
}
