using Mlops.Contracts;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Schedules;
using Mlops.Tests.Orchestrator.Support;

namespace Mlops.Tests.Orchestrator.Schedules;

/// <summary>Throw-away schedules, at 02:30 of each day of UTC, and what is known of their nights.</summary>
internal static class SomeNights
{
    public static readonly DateTimeOffset First = new(2026, 3, 1, 2, 30, 0, TimeSpan.Zero);

    public static readonly Situation Nothing = new(null, [], null, []);

    public static ScheduleDefinition Schedule(string name = "nightly") => new(
        name, "30 2 * * *", "UTC", "two-jobs", new Dictionary<string, ObjectRef> { ["data"] = Some.Data },
        new Dictionary<string, string>())
    {
        SinceMs = First.AddHours(-1).ToUnixTimeMilliseconds(),
    };

    public static CronTimes Times(ScheduleDefinition schedule) => CronTimes.Of(schedule.Cron, schedule.Zone);

    /// <summary>A night whose run was started.</summary>
    public static Fire Started(DateTimeOffset planned) =>
        Fire.Of("nightly", planned, byHand: false) with { Outcome = FireOutcome.Started };

    /// <summary>One night decided, and its run as it is.</summary>
    public static Situation UnderWay(DateTimeOffset planned, RunStatus? status = RunStatus.Running) => Nothing with
    {
        DecidedMs = planned.ToUnixTimeMilliseconds(), Open = [new OpenFire(Started(planned), status)],
    };
}
