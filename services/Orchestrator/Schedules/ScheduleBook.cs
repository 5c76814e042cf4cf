using Mlops.Orchestrator.Champions;
using Mlops.Orchestrator.History;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.Schedules;

/// <summary>The schedules of the process that drives the runs; no other process can have them.</summary>
public sealed class ScheduleBook(
    AlarmClock clock, RunHistory history, RunPlanner planner, ChampionStore champions, TimeProvider time) : ISchedules
{
    private const int MostTimes = 1000;

    /// <inheritdoc/>
    public async Task AddAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var first = ScheduleCheck.Check(definition, planner, now);
        var added = definition with { Paused = false, SinceMs = now.ToUnixTimeMilliseconds() };
        if (!await clock.AddAsync(added, first, cancellationToken))
            throw new ArgumentException(
                $"there is a schedule '{definition.Name}' already; remove it first, or choose another name");
    }

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public async Task PauseAsync(string name, CancellationToken cancellationToken) =>
        await clock.ReplaceAsync(
            await FindAsync(name, cancellationToken) with { Paused = true }, cancellationToken);

    /// <inheritdoc/>
    public async Task ResumeAsync(string name, CancellationToken cancellationToken)
    {
        if (await FindAsync(name, cancellationToken) is { Paused: true } schedule)
            await clock.ReplaceAsync(
                schedule with { Paused = false, SinceMs = time.GetUtcNow().ToUnixTimeMilliseconds() },
                cancellationToken);
    }

    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public async Task<NightView> RunNowAsync(string name, CancellationToken cancellationToken)
    {
        var schedule = await FindAsync(name, cancellationToken);
        var times = CronTimes.Of(schedule.Cron, schedule.Zone);
        var now = time.GetUtcNow();
        var decision = await history.DecideFiresAsync(
            name, known => FireDecisions.RunNow(schedule, times, known, now), cancellationToken);
        return Night(decision.Fires.Single(fire => fire.ByHand && fire.PlannedMs == now.ToUnixTimeMilliseconds()));
    }

    /// <inheritdoc/>
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
}

/// <summary>A schedule as it is listed.</summary>
/// <param name="Next">Its next planned time; null while it is paused, or if there is none.</param>
public sealed record ScheduleView(
    ScheduleDefinition Definition, DateTimeOffset? Next, NightView? Last, Champion? Champion);

/// <summary>A night as it is listed.</summary>
/// <param name="RunId">The id its run has or would have.</param>
/// <param name="Outcome">Skipped, refused, waiting, or how its run is.</param>
/// <param name="Reason">Why it was skipped, failed, or was late.</param>
/// <param name="Promoted">Whether its result is or was the champion; null without a verdict.</param>
/// <param name="Verdict">Why it did or did not become the champion.</param>
public sealed record NightView(
    Guid RunId, DateTimeOffset Planned, bool ByHand, string Outcome, string? Reason, bool? Promoted, string? Verdict);
