using Mlops.Orchestrator.Champions;
using Mlops.Orchestrator.Handlers;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Store;

namespace Mlops.Orchestrator.Schedules;

/// <summary>The schedules of the process that drives the runs; no other process can have them.</summary>
public sealed class ScheduleService(
    ScheduleTimer timer, StateStore store, ScheduleStore occurrences, RunTransitions runs, RunPlanner planner,
    ChampionStore champions, TimeProvider time) : ISchedules
{
    private const int MostTimes = 1000;

    /// <inheritdoc/>
    public async Task AddAsync(ScheduleDefinition definition, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        ScheduleCheck.Check(definition, planner, now);
        var added = definition with { Paused = false, SinceMs = now.ToUnixTimeMilliseconds() };
        if (!await timer.AddAsync(added, cancellationToken))
            throw new ArgumentException(
                $"there is a schedule '{definition.Name}' already; remove it first, or choose another name");
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ScheduleView>> ListAsync(CancellationToken cancellationToken)
    {
        var views = new List<ScheduleView>();
        foreach (var schedule in await timer.ListAsync(cancellationToken))
        {
            var last = await occurrences.ListAsync(schedule.Name, atMost: 1, cancellationToken);
            var champion = await champions.FindAsync(schedule.Name, cancellationToken);
            views.Add(new(
                schedule, schedule.Paused
                    ? null
                    : ScheduleCron.Parse(schedule.Cron, schedule.Zone).GetNextValidTimeAfter(time.GetUtcNow()),
                last is [var (occurrence, status, reason)] ? View(occurrence, status, reason) : null, champion));
        }
        return views;
    }

    /// <inheritdoc/>
    public async Task PauseAsync(string name, CancellationToken cancellationToken) =>
        await timer.ReplaceAsync(
            await FindAsync(name, cancellationToken) with { Paused = true }, cancellationToken);

    /// <inheritdoc/>
    public async Task ResumeAsync(string name, CancellationToken cancellationToken)
    {
        if (await FindAsync(name, cancellationToken) is { Paused: true } schedule)
            await timer.ReplaceAsync(
                schedule with { Paused = false, SinceMs = time.GetUtcNow().ToUnixTimeMilliseconds() },
                cancellationToken);
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        await FindAsync(name, cancellationToken);
        await store.TransactAsync(
            transaction => runs.DecideAsync(transaction, name, WithoutWaiting, cancellationToken), cancellationToken);
        await timer.RemoveAsync(name, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<OccurrenceView> RunNowAsync(string name, CancellationToken cancellationToken)
    {
        var schedule = await FindAsync(name, cancellationToken);
        var cron = ScheduleCron.Parse(schedule.Cron, schedule.Zone);
        var now = time.GetUtcNow();
        IReadOnlyList<Occurrence> decided = [];
        await store.TransactAsync(
            async transaction => decided = await runs.DecideAsync(
                transaction, name, known => ScheduleDecisions.RunNow(schedule, cron, known, now), cancellationToken),
            cancellationToken);
        return View(decided.Single(each => each.Manual && each.PlannedMs == now.ToUnixTimeMilliseconds()));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DateTimeOffset>> NextAsync(
        string name, int count, CancellationToken cancellationToken)
    {
        if (count is < 1 or > MostTimes)
            throw new ArgumentException($"{count} times were asked for; ask for 1 to {MostTimes}");
        var schedule = await FindAsync(name, cancellationToken);
        var cron = ScheduleCron.Parse(schedule.Cron, schedule.Zone);
        return [.. cron.Between(time.GetUtcNow(), DateTimeOffset.MaxValue).Take(count).Select(cron.InZone)];
    }

    private async Task<ScheduleDefinition> FindAsync(string name, CancellationToken cancellationToken) =>
        await timer.FindAsync(name, cancellationToken)
            ?? throw new ArgumentException($"there is no schedule '{name}'; `mlops schedule list` names them");

    private static ScheduleDecision WithoutWaiting(ScheduleState known) => new(
        known.Waiting is not { } waiting
            ? []
            : [waiting with
            {
                Status = OccurrenceStatus.Skipped, Reason = "the schedule was removed", Command = null,
            }],
        []);

    private static OccurrenceView View(Occurrence occurrence, RunStatus? run = null, string? reason = null) => new(
        occurrence.RunId, occurrence.Planned, occurrence.Manual,
        (run?.ToString() ?? occurrence.Status.ToString()).ToLowerInvariant(), reason ?? occurrence.Reason,
        occurrence.Promoted, occurrence.Verdict);
}

/// <summary>A schedule as it is listed.</summary>
/// <param name="Next">Its next planned time; null while it is paused, or if there is none.</param>
public sealed record ScheduleView(
    ScheduleDefinition Definition, DateTimeOffset? Next, OccurrenceView? Last, Champion? Champion);

/// <summary>An occurrence as it is listed.</summary>
/// <param name="RunId">The id its run has or would have.</param>
/// <param name="Status">Skipped, refused, waiting, or how its run is.</param>
/// <param name="Reason">Why it was skipped, failed, or was late.</param>
/// <param name="Promoted">Whether its result is or was the champion; null without a verdict.</param>
/// <param name="Verdict">Why it did or did not become the champion.</param>
public sealed record OccurrenceView(
    Guid RunId, DateTimeOffset Planned, bool Manual, string Status, string? Reason, bool? Promoted, string? Verdict);
