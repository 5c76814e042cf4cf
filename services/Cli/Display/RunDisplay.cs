using Mlops.Contracts;
using Mlops.Contracts.Events;
using Spectre.Console;

namespace Mlops.Cli.Display;

/// <summary>Shows a run while it happens: bars on a terminal, plain lines elsewhere.</summary>
public static class RunDisplay
{
    /// <summary>Shows events of one run until it ends.</summary>
    /// <param name="jobs">Ids of all its jobs, in order.</param>
    public static Task<RunOutcome> ShowAsync(
        IAsyncEnumerable<object> events, IReadOnlyList<string> jobs, IAnsiConsole console) =>
        console.Profile.Capabilities.Interactive && console.Profile.Out.IsTerminal
            ? BarsAsync(events, jobs, console)
            : LinesAsync(events, jobs, console);

    /// <summary>Which of the jobs of a run this is: <c>job 2 of 4</c>.</summary>
    internal static string Place(IReadOnlyList<string> jobs, string job) =>
        $"job {jobs.TakeWhile(each => each != job).Count() + 1} of {jobs.Count}";

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
        IAsyncEnumerable<object> events, IReadOnlyList<string> jobs, IAnsiConsole console)
    {
        var lines = new PlainLines(console.Profile.Out.Writer, jobs);
        await foreach (var message in events)
        {
            lines.Write(message);
            if (Ending(message) is { } outcome)
                return outcome;
        }

        return new RunOutcome.Cancelled();
    }

    private static Task<RunOutcome> BarsAsync(
        IAsyncEnumerable<object> events, IReadOnlyList<string> jobs, IAnsiConsole console) =>
        console.Progress()
            .AutoClear(false)
            .HideCompleted(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(),
                new PercentageColumn(), new ElapsedTimeColumn(), new RemainingTimeColumn())
            .StartAsync<RunOutcome>(async context =>
            {
                var bars = new JobBars(context, jobs);
                await foreach (var message in events)
                {
                    bars.Update(message);
                    if (Ending(message) is { } outcome)
                        return outcome;
                }

                return new RunOutcome.Cancelled();
            });
}
