using Mlops.Contracts.Events;
using Spectre.Console;

namespace Mlops.Cli.Display;

/// <summary>One progress bar per job of a run.</summary>
/// <param name="jobs">Ids of all of them, in order.</param>
public sealed class JobBars(ProgressContext progress, IReadOnlyList<string> jobs)
{
    private readonly Dictionary<string, ProgressTask> _bars = [];

    /// <summary>Moves the bar that an event is about.</summary>
    public void Update(object message)
    {
        switch (message)
        {
            case JobDispatched { JobId: var job, Attempt: var attempt }:
                Describe(job, attempt > 1 ? $"attempt {attempt}" : "waiting");
                break;
            case JobProgressed { JobId: var job } progress:
                Describe(job, progress.Activity);
                _bars[job].Value = progress.Fraction;
                break;
            case JobCompleted { Result: var result }:
                Describe(result.JobId, result.Cached ? "found in the cache" : "done");
                _bars[result.JobId].Value = 1;
                _bars[result.JobId].StopTask();
                break;
            case JobFailed { JobId: var job }:
                Describe(job, "failed");
                _bars[job].StopTask();
                break;
        }
    }

    private void Describe(string job, string activity)
    {
        if (!_bars.TryGetValue(job, out var bar))
            _bars[job] = bar = progress.AddTask(job, maxValue: 1);
        bar.Description = $"[bold]{Markup.Escape(job),-12}[/] "
            + $"[grey]{RunDisplay.Place(jobs, job)}, {Markup.Escape(activity)}[/]";
    }
}
