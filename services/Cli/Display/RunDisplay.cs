using System.Threading.Channels;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Spectre.Console;

namespace Mlops.Cli.Display;

/// <summary>Shows a run while it happens: bars on a terminal, plain lines elsewhere.</summary>
public static class RunDisplay
{
    /// <summary>Shows events of one run until it ends.</summary>
    public static Task<RunOutcome> ShowAsync(
        Guid runId, ChannelReader<object> events, IAnsiConsole console, CancellationToken cancellationToken) =>
        console.Profile.Capabilities.Interactive && console.Profile.Out.IsTerminal
            ? BarsAsync(runId, events, console, cancellationToken)
            : LinesAsync(runId, events, console, cancellationToken);

    /// <summary>How the run ended, if this event of it ends it.</summary>
    private static RunOutcome? Ending(object message) => message switch
    {
        RunCompleted done => new RunOutcome.Completed(done.Artifacts),
        RunFailed failed => new RunOutcome.Failed(
            $"job '{failed.JobId}': {failed.Reason}", failed.Kind == FailureKind.Permanent),
        RunRefused refused => new RunOutcome.Failed(refused.Reason, BadInput: true),
        RunCancelled => new RunOutcome.Cancelled(),
        _ => null,
    };

    private static async Task<RunOutcome> LinesAsync(
        Guid runId, ChannelReader<object> events, IAnsiConsole console, CancellationToken cancellationToken)
    {
        var lines = new PlainLines(console.Profile.Out.Writer);
        await foreach (var message in events.ReadAllAsync(cancellationToken))
        {
            if (RunOf(message) != runId)
                continue;
            lines.Write(message);
            if (Ending(message) is { } outcome)
                return outcome;
        }

        return new RunOutcome.Cancelled();
    }

    private static Task<RunOutcome> BarsAsync(
        Guid runId, ChannelReader<object> events, IAnsiConsole console, CancellationToken cancellationToken) =>
        console.Progress()
            .AutoClear(false)
            .HideCompleted(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(),
                new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync<RunOutcome>(async context =>
            {
                var bars = new JobBars(context);
                await foreach (var message in events.ReadAllAsync(cancellationToken))
                {
                    if (RunOf(message) != runId)
                        continue;
                    bars.Update(message);
                    if (Ending(message) is { } outcome)
                        return outcome;
                }

                return new RunOutcome.Cancelled();
            });

    private static Guid? RunOf(object message) => message switch
    {
        RunStarted { RunId: var id } => id,
        RunRefused { RunId: var id } => id,
        RunCompleted { RunId: var id } => id,
        RunFailed { RunId: var id } => id,
        RunCancelled { RunId: var id } => id,
        JobDispatched { RunId: var id } => id,
        JobProgressed { RunId: var id } => id,
        JobCompleted { RunId: var id } => id,
        JobFailed { RunId: var id } => id,
        _ => null,
    };
}
