using System.Globalization;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.Schedules;

/// <summary>
/// Which nights run: pure functions of the schedule, of what became of its earlier nights, and of the time. An alarm
/// may ring early, late, twice or not at all; each planned time is decided once, because the ones before it are known.
/// </summary>
internal static class FireDecisions
{
    // Whoever was away for years does not want a line for every night.
    private const int MostMissed = 100;

    /// <summary>Decides all planned times up to now that are still undecided.</summary>
    /// <param name="upSince">Since when this process has been there to see a planned time pass.</param>
    public static FireDecision Ring(
        ScheduleDefinition schedule, CronTimes times, Situation known, DateTimeOffset upSince, DateTimeOffset now)
    {
        var draft = new Draft(schedule, times, known);
        if (schedule.Paused)
            return draft.Decision;
        var since = DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(known.DecidedMs ?? 0, schedule.SinceMs));
        DateTimeOffset[] due = [.. times.Between(since, now).TakeLast(MostMissed)];
        foreach (var planned in due)
        {
            var missed = planned < upSince || planned != due[^1];
            if (WhyNot(schedule, planned, missed, latest: planned == due[^1], now) is { } reason)
                draft.Skip(Fire.Of(schedule.Name, planned, byHand: false), reason);
            else
                draft.Start(Fire.Of(schedule.Name, planned, byHand: false), Lateness(planned, now));
        }
        return draft.Decision;
    }

    /// <summary>Decides a fire that a person asks for now; pauses, deadline and catch-up have no say in it.</summary>
    public static FireDecision RunNow(
        ScheduleDefinition schedule, CronTimes times, Situation known, DateTimeOffset now)
    {
        var draft = new Draft(schedule, times, known);
        draft.Start(Fire.Of(schedule.Name, now, byHand: true), note: null);
        return draft.Decision;
    }

    /// <summary>
    /// Starts what waits once nothing is under way any more, and has new results judged. Asks again for the end of what
    /// it waits for, because a cancellation that overtook its run was not heard.
    /// </summary>
    /// <param name="again">Whether commands on their way may be lost, so that they are sent again.</param>
    public static FireDecision Settle(
        ScheduleDefinition schedule, CronTimes times, Situation known, bool again = false)
    {
        var draft = new Draft(schedule, times, known);
        if (again)
            draft.SendAgain();
        draft.Settle();
        draft.Judge();
        return draft.Decision;
    }

    /// <summary>The command of a fire; the same however often it is asked for.</summary>
    public static StartRun CommandOf(ScheduleDefinition schedule, CronTimes times, Fire fire)
    {
        var settings = new SortedDictionary<string, string>(
            schedule.Settings.ToDictionary(each => each.Key, each => each.Value), StringComparer.Ordinal);
        if (settings.TryGetValue("seed", out var seed) && seed == ScheduleDefinition.NightSeed)
            settings["seed"] = times.Clock(Planned(fire)).ToString("yyyyMMddHHmm", CultureInfo.InvariantCulture);
        return new StartRun(fire.RunId, schedule.Recipe, schedule.Inputs, settings);
    }

    private static string? WhyNot(
        ScheduleDefinition schedule, DateTimeOffset planned, bool missed, bool latest, DateTimeOffset now)
    {
        var late = now - planned;
        if (schedule.DeadlineMinutes is { } deadline && late > TimeSpan.FromMinutes(deadline))
            return $"it could start {Minutes(late)} late only; its deadline is {deadline} min";
        return (missed, schedule.CatchUp) switch
        {
            (true, CatchUpPolicy.None) => $"nobody was there at its time, and now it is {Minutes(late)} late",
            (true, CatchUpPolicy.Last) when !latest => "nobody was there at its time; a later night makes up for it",
            _ => null,
        };
    }

    private static string? Lateness(DateTimeOffset planned, DateTimeOffset now) =>
        now - planned >= TimeSpan.FromMinutes(1) ? $"{Minutes(now - planned)} late" : null;

    private static string Minutes(TimeSpan time) =>
        $"{Math.Floor(time.TotalMinutes).ToString(CultureInfo.InvariantCulture)} min";

    private static DateTimeOffset Planned(Fire fire) => DateTimeOffset.FromUnixTimeMilliseconds(fire.PlannedMs);

    /// <summary>Collects a decision; what it has started counts as under way for what comes next.</summary>
    private sealed class Draft(ScheduleDefinition schedule, CronTimes times, Situation known)
    {
        private readonly List<OpenFire> _open = [.. known.Open];
        private Fire? _waiting = known.Waiting;
        private readonly Dictionary<Guid, Fire> _fires = [];
        private readonly List<(Guid, object)> _messages = [];

        public FireDecision Decision => new([.. _fires.Values], _messages);

        public void Skip(Fire fire, string reason) =>
            _fires[fire.RunId] = fire with { Outcome = FireOutcome.Skipped, Reason = reason };

        public void Start(Fire fire, string? note)
        {
            var earlier = _waiting ?? _open.LastOrDefault()?.Fire;
            switch (schedule.Overlap)
            {
                case OverlapPolicy.Forbid when earlier is not null:
                    Skip(fire, $"run {Name(earlier)} of this schedule is still under way");
                    break;
                case OverlapPolicy.Replace when earlier is not null:
                    if (_waiting is { } older)
                        Skip(older, $"replaced by run {Name(fire)} before it could start");
                    _waiting = fire with { Outcome = FireOutcome.Waiting, Reason = note };
                    _fires[fire.RunId] = _waiting;
                    Settle();
                    break;
                default:
                    Begin(fire with { Reason = note });
                    break;
            }
        }

        public void Settle()
        {
            if (_waiting is not { } next)
                return;
            foreach (var open in _open.Where(each => each.Status != RunStatus.Cancelling))
                Send(open.Fire.RunId, new CancelRun(
                    open.Fire.RunId, $"replaced by run {Name(next)} of schedule '{schedule.Name}'"));
            if (_open.Count > 0)
                return;
            Begin(next);
            _waiting = null;
        }

        public void SendAgain()
        {
            foreach (var open in _open.Where(each => each.Status is null))
                Send(open.Fire.RunId, CommandOf(schedule, times, open.Fire));
        }

        public void Judge()
        {
            foreach (var runId in known.Unjudged.Where(_ => schedule.Champion))
                Send(runId, new JudgeChampion(runId, schedule.Name));
        }

        private void Begin(Fire fire)
        {
            var started = fire with { Outcome = FireOutcome.Started };
            _fires[fire.RunId] = started;
            _open.Add(new OpenFire(started, Status: null));
            Send(fire.RunId, CommandOf(schedule, times, started));
        }

        private void Send(Guid runId, object message) => _messages.Add((runId, message));

        private static string Name(Fire fire) => fire.RunId.ToString("N")[..8];
    }
}
