using System.Globalization;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Submission;
using Quartz;

namespace Mlops.Orchestrator.Schedules;

/// <summary>
/// Which occurrences run: pure functions of the schedule, of what became of its earlier occurrences, and of the time. A
/// trigger may come early, late, twice or not at all; each planned time is decided once, because the ones before it are
/// known.
/// </summary>
internal static class ScheduleDecisions
{
    // After years without a process nobody wants a line for every occurrence.
    private const int MostMissed = 100;

    /// <summary>Decides all planned times up to now that are still undecided.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="cron">Its planned times.</param>
    /// <param name="known">Its earlier occurrences.</param>
    /// <param name="upSince">Since when this process has been there to see a planned time pass.</param>
    /// <param name="now">The time.</param>
    public static ScheduleDecision OnTriggered(
        ScheduleDefinition schedule, CronExpression cron, ScheduleState known, DateTimeOffset upSince,
        DateTimeOffset now)
    {
        var draft = new Draft(schedule, cron, known);
        if (schedule.Paused)
            return draft.Decision;
        var since = DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(known.DecidedMs ?? 0, schedule.SinceMs));
        DateTimeOffset[] due = [.. cron.Between(since, now).TakeLast(MostMissed)];
        foreach (var planned in due)
        {
            var occurrence = Occurrence.Create(schedule.Name, planned, manual: false);
            var missed = planned < upSince || planned != due[^1];
            if (WhyNot(schedule, planned, missed, latest: planned == due[^1], now) is { } reason)
                draft.Skip(occurrence, reason);
            else
                draft.Start(occurrence, Lateness(planned, now));
        }
        return draft.Decision;
    }

    /// <summary>Decides a manual occurrence; pauses, deadline and catch-up do not count for it.</summary>
    public static ScheduleDecision RunNow(
        ScheduleDefinition schedule, CronExpression cron, ScheduleState known, DateTimeOffset now)
    {
        var draft = new Draft(schedule, cron, known);
        draft.Start(Occurrence.Create(schedule.Name, now, manual: true), note: null);
        return draft.Decision;
    }

    /// <summary>Starts what waits once no run of the schedule is under way any more.</summary>
    public static ScheduleDecision OnRunEnded(ScheduleState known) =>
        known is { Waiting: { } next, Open.Count: 0 }
            ? new([next with { Status = OccurrenceStatus.Started, Command = null }], [next.Command!])
            : new([], []);

    /// <summary>The command of an occurrence; the same however often it is asked for.</summary>
    public static StartRun CommandOf(ScheduleDefinition schedule, CronExpression cron, Occurrence occurrence)
    {
        var settings = new SortedDictionary<string, string>(
            schedule.Settings.ToDictionary(each => each.Key, each => each.Value), StringComparer.Ordinal);
        if (settings.TryGetValue("seed", out var seed) && seed == ScheduleDefinition.SeedPerRun)
            settings["seed"] = cron.InZone(occurrence.Planned).ToString("yyyyMMddHHmm", CultureInfo.InvariantCulture);
        return new StartRun(occurrence.RunId, schedule.Recipe, schedule.Inputs, settings);
    }

    private static string? WhyNot(
        ScheduleDefinition schedule, DateTimeOffset planned, bool missed, bool latest, DateTimeOffset now)
    {
        var late = now - planned;
        if (schedule.DeadlineMinutes is { } deadline && late > TimeSpan.FromMinutes(deadline))
            return $"it could start {Minutes(late)} late only; its deadline is {deadline} min";
        return (missed, schedule.CatchUp) switch
        {
            (true, CatchUpPolicy.None) => $"no process was there at its time, and now it is {Minutes(late)} late",
            (true, CatchUpPolicy.Last) when !latest =>
                "no process was there at its time; a later occurrence makes up for it",
            _ => null,
        };
    }

    private static string? Lateness(DateTimeOffset planned, DateTimeOffset now) =>
        now - planned >= TimeSpan.FromMinutes(1) ? $"{Minutes(now - planned)} late" : null;

    private static string Minutes(TimeSpan time) =>
        $"{Math.Floor(time.TotalMinutes).ToString(CultureInfo.InvariantCulture)} min";

    /// <summary>Collects a decision; what it has started counts as under way for what comes next.</summary>
    private sealed class Draft(ScheduleDefinition schedule, CronExpression cron, ScheduleState known)
    {
        private readonly List<OpenOccurrence> _open = [.. known.Open];
        private readonly Dictionary<Guid, Occurrence> _occurrences = [];
        private readonly List<object> _commands = [];
        private Occurrence? _waiting = known.Waiting;

        public ScheduleDecision Decision => new([.. _occurrences.Values], _commands);

        public void Skip(Occurrence occurrence, string reason) => _occurrences[occurrence.RunId] = occurrence with
        {
            Status = OccurrenceStatus.Skipped, Reason = reason, Command = null,
        };

        public void Start(Occurrence occurrence, string? note)
        {
            var earlier = _waiting ?? _open.LastOrDefault()?.Occurrence;
            if (earlier is null || schedule.Overlap == OverlapPolicy.Allow)
                Begin(occurrence with { Reason = note });
            else if (schedule.Overlap == OverlapPolicy.Forbid)
                Skip(occurrence, $"run {Name(earlier)} of this schedule is still under way");
            else
                Replace(occurrence with { Reason = note });
        }

        private void Begin(Occurrence occurrence)
        {
            var started = occurrence with { Status = OccurrenceStatus.Started };
            _occurrences[occurrence.RunId] = started;
            _open.Add(new OpenOccurrence(started, RunStatus.Running));
            _commands.Add(CommandOf(schedule, cron, started));
        }

        private void Replace(Occurrence occurrence)
        {
            if (_waiting is { } older)
                Skip(older, $"replaced by run {Name(occurrence)} before it could start");
            _waiting = occurrence with
            {
                Status = OccurrenceStatus.Waiting, Command = CommandOf(schedule, cron, occurrence),
            };
            _occurrences[occurrence.RunId] = _waiting;
            foreach (var open in _open.Where(each => each.Status != RunStatus.Cancelling))
                _commands.Add(new CancelRun(
                    open.Occurrence.RunId, $"replaced by run {Name(occurrence)} of schedule '{schedule.Name}'"));
        }

        private static string Name(Occurrence occurrence) => RunIds.Short(occurrence.RunId);
    }
}
