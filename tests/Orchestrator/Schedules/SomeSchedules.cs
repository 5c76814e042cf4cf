using Mlops.Contracts;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Schedules;
using Mlops.Tests.Orchestrator.Support;
using Quartz;

namespace Mlops.Tests.Orchestrator.Schedules;

/// <summary>Throw-away schedules, at 02:30 of each day of UTC, and what is known of their occurrences.</summary>
internal static class SomeSchedules
{
    public static readonly DateTimeOffset First = new(2026, 3, 1, 2, 30, 0, TimeSpan.Zero);

    public static readonly ScheduleState Nothing = new(null, [], null);

    public static ScheduleDefinition Schedule(string name = "nightly") => new(
        name, "30 2 * * *", "UTC", "two-jobs", new Dictionary<string, ObjectRef> { ["data"] = Some.Data },
        new Dictionary<string, string>())
    {
        SinceMs = First.AddHours(-1).ToUnixTimeMilliseconds(),
    };

    public static CronExpression Cron(ScheduleDefinition schedule) =>
        ScheduleCron.Parse(schedule.Cron, schedule.Zone);

    /// <summary>An occurrence whose run was started.</summary>
    public static Occurrence Started(DateTimeOffset planned) =>
        Occurrence.Create("nightly", planned, manual: false) with { Status = OccurrenceStatus.Started };

    /// <summary>One occurrence decided, and its run as it is.</summary>
    public static ScheduleState UnderWay(DateTimeOffset planned, RunStatus status = RunStatus.Running) => Nothing with
    {
        DecidedMs = planned.ToUnixTimeMilliseconds(), Open = [new OpenOccurrence(Started(planned), status)],
    };
}
