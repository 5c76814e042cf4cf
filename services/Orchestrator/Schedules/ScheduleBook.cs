using System.Text.RegularExpressions;
using Mlops.Orchestrator.Champions;
using Mlops.Orchestrator.History;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.Schedules;

/// <summary>What a person does with schedules; works in the process that drives the runs, and nowhere else.</summary>
/// <param name="clock">Keeps them.</param>
/// <param name="history">Knows their nights.</param>
/// <param name="planner">Refuses what could never run.</param>
/// <param name="champions">Knows their best results.</param>
/// <param name="time">The time.</param>
public sealed partial class ScheduleBook(
    AlarmClock clock, RunHistory history, RunPlanner planner, ChampionStore champions, TimeProvider time)
{
    private const int LongestName = 60;
    private const int MostTimes = 1000;

    /// <summary>Adds a schedule; its first night is the next one.</summary>
    /// <exception cref="ArgumentException">Something in it is wrong, or the name is taken.</exception>
    /// <exception cref="InvalidDataException">The recipe cannot be read, or an input is missing.</exception>
    public async Task AddAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        if (!Word().IsMatch(definition.Name) || definition.Name.Length > LongestName)
            throw new ArgumentException(
                $"the schedule's name '{definition.Name}' must be lower-case words joined by hyphens, " +
                $"at most {LongestName} characters");
        if (definition.DeadlineMinutes is <= 0)
            throw new ArgumentException(
                $"the deadline of {definition.DeadlineMinutes} minutes must be at least 1; leave it out for none");
        var times = CronTimes.Of(definition.Cron, definition.Zone);
        var now = time.GetUtcNow();
        var first = times.After(now)
            ?? throw new ArgumentException($"the cron expression '{definition.Cron}' has no time left to come");
        // The very command of the first night, so that whatever would be refused then is refused now.
        var night = Fire.Of(definition.Name, first, byHand: false);
        planner.Plan(FireDecisions.CommandOf(definition, times, night), now.ToUnixTimeMilliseconds());
        var added = definition with { Paused = false, SinceMs = now.ToUnixTimeMilliseconds() };
        if (!await clock.AddAsync(added, first, cancellationToken))
            throw new ArgumentException(
                $"there is a schedule '{definition.Name}' already; remove it first, or choose another name");
    }

    /// <summary>All schedules with what became of their latest night.</summary>
    public async Task<IReadOnlyList<ScheduleView>> ListAsync(CancellationToken cancellationToken)
    {
        var views = new List<ScheduleView>();
        foreach (var schedule in await clock.AllAsync(cancellationToken))
        {
            var last = await history.FiresAsync(schedule.Name, atMost: 1, cancellationToken);
            var champion = await champions.FindAsync(schedule.Name, cancellationToken);
            views.Add(new(
                schedule, schedule.Paused ? null : CronTimes.Of(schedule.Cron, schedule.Zone).After(time.GetUtcNow()),
                last is [var (fire, status, reason)] ? Night(fire, status, reason) : null, champion));
        }
        return views;
    }

    /// <summary>Lets its nights pass without a run; a run under way goes on.</summary>
    public async Task PauseAsync(string name, CancellationToken cancellationToken) =>
        await clock.ReplaceAsync(
            await FindAsync(name, cancellationToken) with { Paused = true }, cancellationToken);

    /// <summary>Lets its nights count again, from the next one on.</summary>
    public async Task ResumeAsync(string name, CancellationToken cancellationToken)
    {
        if (await FindAsync(name, cancellationToken) is { Paused: true } schedule)
            await clock.ReplaceAsync(
                schedule with { Paused = false, SinceMs = time.GetUtcNow().ToUnixTimeMilliseconds() },
                cancellationToken);
    }

    /// <summary>Forgets a schedule; its runs, its results and its champion stay.</summary>
    public async Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        await FindAsync(name, cancellationToken);
        await history.DecideFiresAsync(
            name,
            known => new(
                known.Waiting is { } waiting
                    ? [waiting with { Outcome = FireOutcome.Skipped, Reason = "the schedule was removed" }]
                    : [],
                []),
            cancellationToken);
        await clock.RemoveAsync(name, cancellationToken);
    }

    /// <summary>Starts a run of a schedule now, as its overlap policy allows.</summary>
    public async Task<NightView> RunNowAsync(string name, CancellationToken cancellationToken)
    {
        var schedule = await FindAsync(name, cancellationToken);
        var times = CronTimes.Of(schedule.Cron, schedule.Zone);
        var now = time.GetUtcNow();
        var decision = await history.DecideFiresAsync(
            name, known => FireDecisions.RunNow(schedule, times, known, now), cancellationToken);
        return Night(decision.Fires.Single(fire => fire.ByHand && fire.PlannedMs == now.ToUnixTimeMilliseconds()));
    }

    /// <summary>The next planned times, in the zone of the schedule.</summary>
    public async Task<IReadOnlyList<DateTimeOffset>> NextAsync(
        string name, int count, CancellationToken cancellationToken)
    {
        if (count is < 1 or > MostTimes)
            throw new ArgumentException($"{count} times were asked for; ask for 1 to {MostTimes}");
        var schedule = await FindAsync(name, cancellationToken);
        var times = CronTimes.Of(schedule.Cron, schedule.Zone);
        return [.. times.Between(time.GetUtcNow(), DateTimeOffset.MaxValue).Take(count).Select(times.InZone)];
    }

    private async Task<ScheduleDefinition> FindAsync(string name, CancellationToken cancellationToken) =>
        await clock.FindAsync(name, cancellationToken)
            ?? throw new ArgumentException($"there is no schedule '{name}'; `mlops schedule list` names them");

    private static NightView Night(Fire fire, RunStatus? status = null, string? reason = null) => new(
        fire.RunId, DateTimeOffset.FromUnixTimeMilliseconds(fire.PlannedMs), fire.ByHand,
        (status?.ToString() ?? fire.Outcome.ToString()).ToLowerInvariant(), reason ?? fire.Reason, fire.Promoted,
        fire.Verdict);

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    private static partial Regex Word();
}

/// <summary>A schedule as it is listed.</summary>
/// <param name="Definition">What was added.</param>
/// <param name="Next">Its next planned time; null while it is paused, or if there is none.</param>
/// <param name="Last">The latest night.</param>
/// <param name="Champion">The best result so far.</param>
public sealed record ScheduleView(
    ScheduleDefinition Definition, DateTimeOffset? Next, NightView? Last, Champion? Champion);

/// <summary>A night as it is listed.</summary>
/// <param name="RunId">The id its run has or would have.</param>
/// <param name="Planned">When it was to start.</param>
/// <param name="ByHand">Whether a person asked for it.</param>
/// <param name="Outcome">Skipped, refused, waiting, or how its run is.</param>
/// <param name="Reason">Why it was skipped, failed, or was late.</param>
/// <param name="Promoted">Whether its result is or was the champion; null without a verdict.</param>
/// <param name="Verdict">Why it did or did not become the champion.</param>
public sealed record NightView(
    Guid RunId, DateTimeOffset Planned, bool ByHand, string Outcome, string? Reason, bool? Promoted, string? Verdict);
