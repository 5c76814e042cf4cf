using Mlops.Cli.Display;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Runs;
using Spectre.Console;

namespace Mlops.Cli.Hosting;

/// <summary>One run from the command to the table at the end.</summary>
public sealed class RunSession(EmbeddedHost host, IAnsiConsole console)
{
    /// <summary>Starts a run, shows it, and leaves its results in a folder.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(RunRequest request, DirectoryInfo? output, CancellationToken cancellationToken)
    {
        var recipe = host.Get<RecipeBook>().Find(request.Recipe);
        var runId = Guid.NewGuid();
        var outcome = await ExecuteAsync(runId, request, cancellationToken);
        return await FinishAsync(runId, recipe.Name, outcome, output, cancellationToken);
    }

    /// <summary>Goes on with a run.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> ResumeAsync(string idOrPrefix, DirectoryInfo? output, CancellationToken cancellationToken)
    {
        var run = await host.Get<RunQueries>().FindAsync(idOrPrefix, cancellationToken)
            ?? throw new ArgumentException($"no run begins with '{idOrPrefix}'; `mlops status` lists them");
        if (run.Status is RunStatus.Cancelled or RunStatus.Failed)
            await host.Get<RunQueue>().ResumeAsync(run.RunId, cancellationToken);
        var outcome = run.Status == RunStatus.Completed
            ? new RunOutcome.Completed(Artifacts(run))
            : await WatchAsync(run.RunId, cancellationToken);
        return await FinishAsync(run.RunId, run.Recipe, outcome, output, cancellationToken);
    }

    /// <summary>Starts a run and shows it until it ends.</summary>
    public async Task<RunOutcome> ExecuteAsync(Guid runId, RunRequest request, CancellationToken cancellationToken)
    {
        var inputs = await new RunInputs(host.Artifacts, console.WriteLine).ImportAsync(request, cancellationToken);
        return await ExecuteAsync(new StartRun(runId, request.Recipe, inputs, request.Settings), cancellationToken);
    }

    /// <summary>Starts a run whose inputs are stored already, and shows it until it ends.</summary>
    public async Task<RunOutcome> ExecuteAsync(StartRun command, CancellationToken cancellationToken)
    {
        await host.Get<RunQueue>().StartAsync(command, cancellationToken);
        return await WatchAsync(command.RunId, cancellationToken);
    }

    private async Task<RunOutcome> WatchAsync(Guid runId, CancellationToken cancellationToken)
    {
        // An interrupt ends the run in good order: its job saves a checkpoint, and the event of that ends the display.
        using var interrupt = cancellationToken.Register(() => _ = host.Get<RunQueue>()
            .CancelAsync(runId, "interrupted at the command line", CancellationToken.None));
        return await RunDisplay.ShowAsync(runId, host.Events.Reader, console, CancellationToken.None);
    }

    private async Task<int> FinishAsync(
        Guid runId, string recipe, RunOutcome outcome, DirectoryInfo? output, CancellationToken cancellationToken)
    {
        switch (outcome)
        {
            case RunOutcome.Completed completed:
                var id = runId.ToString("N")[..8];
                var folder = output ?? new DirectoryInfo(Path.Combine("runs", $"{recipe}-{id}"));
                var run = await host.Get<RunQueries>().FindAsync(runId.ToString("N"), cancellationToken);
                await new RunResults(host.Artifacts, folder).WriteAsync(run!, completed.Artifacts, cancellationToken);
                ResultTable.Write(folder, console);
                return ExitCodes.Success;
            case RunOutcome.Cancelled:
                await Console.Error.WriteLineAsync(
                    $"mlops: the run is interrupted; go on with: mlops resume {runId:N}");
                return ExitCodes.Interrupted;
            case RunOutcome.Failed failed:
                await Console.Error.WriteLineAsync($"mlops: {failed.Reason}");
                return failed.BadInput ? ExitCodes.BadInput : ExitCodes.Failure;
            default:
                throw new InvalidOperationException($"unknown outcome {outcome}");
        }
    }

    private static Dictionary<string, ObjectRef> Artifacts(RunState run) => run.Jobs
        .Where(job => job.Output is not null)
        .ToDictionary(job => job.JobId, job => job.Output!);
}
