using Mlops.Contracts;
using Mlops.Contracts.Events;
using Spectre.Console;

namespace Mlops.Cli.Display;

/// <summary>Shows a run while it happens: bars on a terminal, plain lines elsewhere.</summary>
public static class RunDisplay
{
    /// <summary>Shows events of one run until it ends.</summary>
    public static Task<RunOutcome> ShowAsync(
        IAsyncEnumerable<object> events, IAnsiConsole console) =>
        console.Profile.Capabilities.Interactive && console.Profile.Out.IsTerminal
            ? BarsAsync(events, console)
            : LinesAsync(events, console);

    /// <summary>How the run ended, if this event of it ends it.</summary>
    private static RunOutcome? Ending(object message) => message switch
    {
        RunCompleted done => new RunOutcome.Completed(done.Artifacts),
        RunFailed failed => new RunOutcome.Failed(
            $"job '{failed.JobId}': {failed.Reason}", failed.Kind == FailureKind.Permanent),
        RunCancelled => new RunOutcome.Cancelled(),
        _ => null,
    };

    private static async Task<RunOutcome> LinesAsync(
        IAsyncEnumerable<object> events, IAnsiConsole console)
    {
        var lines = new PlainLines(console.Profile.Out.Writer);
        await foreach (var message in events)
        {
            lines.Write(message);
            if (Ending(message) is { } outcome)
                return outcome;
        }

        return new RunOutcome.Cancelled();
    }

    private static Task<RunOutcome> BarsAsync(
        IAsyncEnumerable<object> events, IAnsiConsole console) =>
        console.Progress()
            .AutoClear(false)
            .HideCompleted(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(),
                new PercentageColumn(), new ElapsedTimeColumn(), new RemainingTimeColumn())
            .StartAsync<RunOutcome>(async context =>
            {
                var bars = new JobBars(context);
                await foreach (var message in events)
                {
                    bars.Update(message);
                    if (Ending(message) is { } outcome)
                        return outcome;
                }

                return new RunOutcome.Cancelled();
            });
}
