using System.Text.RegularExpressions;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator.Recipes;

namespace Mlops.Orchestrator.Schedules;

/// <summary>Refuses a schedule whose runs could never start.</summary>
public static partial class ScheduleCheck
{
    private const int LongestName = 60;

    /// <summary>Looks at everything in it.</summary>
    /// <returns>The command of its first occurrence.</returns>
    /// <exception cref="ArgumentException">Something in it is wrong.</exception>
    /// <exception cref="InvalidDataException">The recipe cannot be read, or an input is missing.</exception>
    public static StartRun Check(ScheduleDefinition schedule, RunPlanner planner, DateTimeOffset now)
    {
        if (!Word().IsMatch(schedule.Name) || schedule.Name.Length > LongestName)
            throw new ArgumentException(
                $"the schedule's name '{schedule.Name}' must be lower-case words joined by hyphens, "
                + $"at most {LongestName} characters");
        if (schedule.DeadlineMinutes is <= 0)
            throw new ArgumentException(
                $"the deadline of {schedule.DeadlineMinutes} minutes must be at least 1; leave it out for none");
        var cron = ScheduleCron.Parse(schedule.Cron, schedule.Zone);
        var first = cron.GetNextValidTimeAfter(now)
            ?? throw new ArgumentException($"the cron expression '{schedule.Cron}' has no time left to come");
        // The very command of the first occurrence, so that whatever would be refused then is refused now.
        var occurrence = Occurrence.Create(schedule.Name, first, manual: false);
        var command = ScheduleDecisions.CommandOf(schedule, cron, occurrence);
        planner.Plan(command, now.ToUnixTimeMilliseconds());
        return command;
    }

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    private static partial Regex Word();
}
