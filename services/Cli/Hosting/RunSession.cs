using Mlops.Orchestrator.Submission;
using Mlops.Cli.Display;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator.Runs;

namespace Mlops.Cli.Hosting;

/// <summary>One run from the command to the table at the end.</summary>
public sealed class RunSession(IRunHost host, Terminal terminal)
{
    /// <summary>Starts a run, shows it, and leaves its results in a folder.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(RunRequest request, DirectoryInfo? output, CancellationToken cancellationToken)
    {
        CheckIsFree(output);
        var runId = await StartAsync(request, terminal.Text, cancellationToken);
        return await FinishAsync(runId, await WatchAsync(runId, cancellationToken), output, cancellationToken);
    }

    /// <summary>Starts a run that goes on without anybody watching.</summary>
    /// <param name="notes">Takes what was found in the inputs.</param>
    public async Task<Guid> StartAsync(RunRequest request, TextWriter notes, CancellationToken cancellationToken)
    {
        var runId = Guid.NewGuid();
        var inputs = await new RunInputs(host.Artifacts, notes.WriteLine)
            .ImportAsync(request, cancellationToken);
        var command = new StartRun(runId, request.Recipe, inputs, request.Settings);
        await RunCheck.CheckAsync(host.Artifacts, [command], cancellationToken);
        await host.StartAsync(command, cancellationToken);
        return runId;
    }

    /// <summary>Goes on with a run.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> ResumeAsync(string idOrPrefix, DirectoryInfo? output, CancellationToken cancellationToken)
    {
        CheckIsFree(output);
        var run = await host.FindAsync(idOrPrefix, cancellationToken);
        if (run.Status is RunStatus.Cancelled or RunStatus.Failed)
            await host.ResumeAsync(run.RunId, cancellationToken);
        return await FinishAsync(
            run.RunId, await WatchAsync(run.RunId, cancellationToken), output, cancellationToken);
    }

    /// <summary>Starts a run whose inputs are stored already, and shows it until it ends.</summary>
    public async Task<RunOutcome> ExecuteAsync(StartRun command, CancellationToken cancellationToken)
    {
        await host.StartAsync(command, cancellationToken);
        return await WatchAsync(command.RunId, cancellationToken);
    }

    /// <summary>Shows a run until it ends; an interrupt cancels it.</summary>
    public async Task<RunOutcome> WatchAsync(Guid runId, CancellationToken cancellationToken)
    {
        var run = await host.FindAsync(runId.ToString("N"), CancellationToken.None);
        var shown = RunDisplay.ShowAsync(
            host.WatchAsync(runId, CancellationToken.None), [.. run.Jobs.Select(job => job.JobId)], terminal.Out);
        // An interrupt cancels the run gracefully: its job saves a checkpoint, and the event of that ends the display.
        var interrupted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var interrupt = cancellationToken.Register(interrupted.SetResult);
        if (await Task.WhenAny(shown, interrupted.Task) != shown)
            await host.CancelAsync(runId, CancellationToken.None);
        return await shown;
    }

    // Now, rather than after the work.
    private static void CheckIsFree(DirectoryInfo? output)
    {
        if (output is not null)
            RunResults.CheckIsFree(output);
    }

    private async Task<int> FinishAsync(
        Guid runId, RunOutcome outcome, DirectoryInfo? output, CancellationToken cancellationToken)
    {
        switch (outcome)
        {
            case RunOutcome.Completed:
                var run = await host.FindAsync(runId.ToString("N"), cancellationToken);
                var folder = output ?? new DirectoryInfo(
                    Path.Combine("runs", $"{run.Recipe}-{RunIds.Short(runId)}"));
                await new RunResults(host.Artifacts, folder).WriteAsync(run, cancellationToken);
                terminal.Show(RunReport.From(run, folder), () => ResultTable.Write(folder, terminal.Out));
                return ExitCodes.Of(folder);
            case RunOutcome.Cancelled:
                await terminal.Error.WriteLineAsync(
                    $"mlops: the run is interrupted; go on with: mlops resume {runId:N}");
                return ExitCodes.Interrupted;
            case RunOutcome.Failed failed:
                await terminal.Error.WriteLineAsync($"mlops: {failed.Reason}");
                return failed.BadInput ? ExitCodes.BadInput : ExitCodes.Failure;
            default:
                throw new InvalidOperationException($"unknown outcome {outcome}");
        }
    }
}
