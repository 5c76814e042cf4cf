using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Cli.Display;
using Mlops.Cli.Hosting;
using Mlops.Contracts;
using Mlops.Contracts.Evaluations;
using Mlops.Orchestrator.Api;
using Mlops.Orchestrator.Store;
using Mlops.Platform.Objects;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops show RUN</c>: what a run found, once more: table, verdict, and where the time went.</summary>
public static class ShowCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "The run's id, or enough of its beginning" };
        var home = CommonOptions.Home();
        var command = new Command("show", "Show what a run found: table, verdict, and where the time went")
        {
            run, home,
        };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, async terminal =>
        {
            var (prefix, folder) = (parsed.GetRequiredValue(run), parsed.GetRequiredValue(home));
            var found = await new RunQueries(EmbeddedHost.HistoryFile(folder)).GetAsync(prefix, cancellationToken);
            terminal.Text.WriteLine($"{found.RunId:N}  {found.Recipe}  {found.Status.ToString().ToLowerInvariant()}");
            await using var store = RunHosts.Store(folder);
            var artifacts = store.GetRequiredService<ArtifactStore>();
            if (found.Jobs.FindLast(job => job is { Kind: JobKind.Evaluate, Output: not null }) is { } evaluation)
            {
                var report = EvaluationReport.Load(await artifacts.FetchAsync(evaluation.Output!, cancellationToken));
                ResultTable.Write(report, terminal.Out);
                terminal.Text.WriteLine(report.Verdict.Passed ? "verdict: pass" : "verdict: FAIL");
            }

            if (found.Attempts.Count > 0)
                AccountingTable.Write(RunResponse.From(found, TimeProvider.System.GetUtcNow()), terminal.Out);
            return ExitCodes.Success;
        }, cancellationToken));
        return command;
    }
}
