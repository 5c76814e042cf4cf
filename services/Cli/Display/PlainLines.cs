using System.Globalization;
using Mlops.Contracts.Events;

namespace Mlops.Cli.Display;

/// <summary>One line when a job starts, every tenth of its way, and when it ends.</summary>
/// <param name="jobs">Ids of all jobs of the run, in order.</param>
public sealed class PlainLines(TextWriter output, IReadOnlyList<string> jobs)
{
    private const int LinesPerJob = 10;
    private readonly Dictionary<string, int> _shown = [];

    /// <summary>Writes the line that an event deserves, if any.</summary>
    public void Write(object message)
    {
        var line = message switch
        {
            RunStarted started => $"run {started.RunId} started: {started.Recipe}",
            JobDispatched job => Begin(job),
            JobProgressed progress when IsDue(progress) =>
                Say(progress.JobId, Percent(progress.Fraction), progress.Activity),
            JobCompleted { Result: { Cached: true } result } => Say(result.JobId, Percent(1), "found in the cache"),
            JobCompleted { Result: var result } => Say(result.JobId, Percent(1), $"done in {Seconds(result.Seconds)}"),
            JobFailed failed => Say(failed.JobId, "", $"{failed.Kind.ToString().ToLowerInvariant()}: {failed.Reason}"),
            RunCompleted => "run completed",
            RunCancelled => "run cancelled",
            _ => null,
        };
        if (line is not null)
            output.WriteLine(line);
    }

    private string Begin(JobDispatched job)
    {
        _shown[job.JobId] = 0;
        var started = job.Attempt > 1 ? $"attempt {job.Attempt}" : "started";
        return Say(job.JobId, Percent(0), $"{started}, {RunDisplay.Place(jobs, job.JobId)}");
    }

    private bool IsDue(JobProgressed progress)
    {
        var tenth = (int)(progress.Fraction * LinesPerJob);
        if (tenth <= _shown.GetValueOrDefault(progress.JobId))
            return false;
        _shown[progress.JobId] = tenth;
        return true;
    }

    private static string Say(string job, string percent, string text) => $"{job,-12} {percent,4}  {text}";

    private static string Percent(double fraction) => string.Create(CultureInfo.InvariantCulture, $"{fraction:0%}");

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");
}
