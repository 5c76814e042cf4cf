using System.CommandLine;
using Mlops.Cli.Display;
using Mlops.Cli.Hosting;
using Mlops.Contracts;
using Mlops.Contracts.Evaluations;
using Mlops.Orchestrator.Api;
using Mlops.Platform.Objects;
using Sources = Mlops.Evaluation.Lineage;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops show RUN</c>: what a run found, once more: verdict, table, curves, and where the time went.
/// </summary>
public static class ShowCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "The run's id, or enough of its beginning" };
        var (home, server) = (CommonOptions.Home(), CommonOptions.Server());
        var command = new Command("show", "Show what a run found: verdict, table, curves, and where the time went")
        {
            run, home, server,
        };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, async terminal =>
        {
            await using var history = new RunHistory(parsed.GetRequiredValue(home), parsed.ServerOf(server));
            var found = await history.FindAsync(parsed.GetRequiredValue(run), cancellationToken);
            var report = await ReportAsync(found, history.Artifacts, cancellationToken);
            var curves = report?.Charts ?? await CurvesAsync(found, history.Artifacts, cancellationToken);
            terminal.Show(
                new RunReport(found, RunSentence.Of(found), report, curves),
                () => Write(found, report, curves, terminal));
            return ExitCodes.Success;
        }, cancellationToken));
        return command;
    }

    private static void Write(
        RunResponse run, EvaluationReport? report, IReadOnlyList<Chart> curves, Terminal terminal)
    {
        terminal.Text.WriteLine(RunSentence.Of(run));
        terminal.Text.WriteLine($"{run.RunId:N}  {run.Recipe}  {run.Status.ToString().ToLowerInvariant()}");
        if (report is not null)
            ResultTable.Write(report, terminal.Out);
        Sparkline.Write(curves, terminal);
        if (run.Attempts.Count > 0)
            AccountingTable.WriteShares(run, terminal.Out);
    }

    private static async Task<EvaluationReport?> ReportAsync(
        RunResponse run, ArtifactStore artifacts, CancellationToken cancellationToken) =>
        run.Evaluation is { Verdict: not RunVerdict.Unreadable }
        && run.OutputOf(JobKind.Evaluate) is { } output
            ? EvaluationReport.Load(await artifacts.FetchAsync(output, cancellationToken))
            : null;

    private static async Task<IReadOnlyList<Chart>> CurvesAsync(
        RunResponse run, ArtifactStore artifacts, CancellationToken cancellationToken)
    {
        var made = run.Jobs.Where(job => job.Output is not null).ToDictionary(job => job.JobId, job => job.Output!);
        return (await Sources.ReadAsync(made, artifacts, cancellationToken)).Charts;
    }
}
