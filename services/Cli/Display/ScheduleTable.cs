using System.Globalization;
using Mlops.Orchestrator.Schedules;
using Mlops.Orchestrator.Submission;
using Spectre.Console;

namespace Mlops.Cli.Display;

/// <summary>What <c>mlops schedule list</c> prints.</summary>
public static class ScheduleTable
{
    /// <summary>One block for each schedule: when, the latest run, the champion.</summary>
    public static void Write(IReadOnlyList<ScheduleView> schedules, IAnsiConsole console)
    {
        // Not wrapped: in a log each thing has to be on one line.
        var output = console.Profile.Out.Writer;
        if (schedules.Count == 0)
            output.WriteLine("no schedules yet; add one with: mlops schedule add");
        foreach (var view in schedules)
        {
            var schedule = view.Definition;
            output.WriteLine($"{schedule.Name}  '{schedule.Cron}' {schedule.Zone}  "
                + (schedule.Recipe.Contains('\n') ? "a recipe of its own" : $"recipe {schedule.Recipe}"));
            output.WriteLine($"  next      {(schedule.Paused ? "paused" : Time(view.Next))}");
            output.WriteLine($"  last      {(view.Last is { } last ? Text(last) : "none yet")}");
            if (!schedule.Champion)
                continue;
            output.WriteLine($"  champion  {(view.Champion is { } best
                ? $"number {best.Number}, run {Short(best.RunId)}: {best.Reason}"
                : "none yet")}");
            if (view.Last is { Verdict: { } verdict, Promoted: var promoted })
                output.WriteLine($"  verdict   {(promoted is true ? "promoted" : "not promoted")}: {verdict}");
        }
    }

    private static string Text(OccurrenceView last)
    {
        var run = last.Status is "skipped" ? "" : $", run {Short(last.RunId)}";
        var reason = last.Reason is { } why ? $": {why}" : "";
        return $"{Time(last.Planned)}{(last.Manual ? " manual" : "")} {last.Status}{run}{reason}";
    }

    private static string Short(Guid run) => RunIds.Short(run);

    private static string Time(DateTimeOffset? time) => time is { } known
        ? known.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)
        : "never again";
}
