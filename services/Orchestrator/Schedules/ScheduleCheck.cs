using System.Text.RegularExpressions;
using Mlops.Orchestrator.Recipes;

namespace Mlops.Orchestrator.Schedules;

/// <summary>Refuses a schedule whose nights could never run.</summary>
public static partial class ScheduleCheck
{
    private const int LongestName = 60;

    /// <summary>Looks at everything in it.</summary>
    /// <returns>Its first planned time.</returns>
    /// <exception cref="ArgumentException">Something in it is wrong.</exception>
    /// <exception cref="InvalidDataException">The recipe cannot be read, or an input is missing.</exception>
    public static DateTimeOffset Check(ScheduleDefinition schedule, RunPlanner planner, DateTimeOffset now)
    {
        if (!Word().IsMatch(schedule.Name) || schedule.Name.Length > LongestName)
            throw new ArgumentException(
                $"the schedule's name '{schedule.Name}' must be lower-case words joined by hyphens, "
                + $"at most {LongestName} characters");
        if (schedule.DeadlineMinutes is <= 0)
            throw new ArgumentException(
                $"the deadline of {schedule.DeadlineMinutes} minutes must be at least 1; leave it out for none");
        var times = CronTimes.Of(schedule.Cron, schedule.Zone);
        var first = times.After(now)
            ?? throw new ArgumentException($"the cron expression '{schedule.Cron}' has no time left to come");
        // The very command of the first night, so that whatever would be refused then is refused now.
        var night = Fire.Of(schedule.Name, first, byHand: false);
        planner.Plan(FireDecisions.CommandOf(schedule, times, night), now.ToUnixTimeMilliseconds());
        return first;
    }

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    private static partial Regex Word();
}
