using Microsoft.EntityFrameworkCore;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Schedules;

namespace Mlops.Orchestrator.Store;

/// <summary>The occurrences of schedules, beside the runs that they start so that both change together.</summary>
public sealed class ScheduleStore(StateStore store)
{
    // A clock may be set back by less than this, and the occurrence that was just decided stays decided.
    private static readonly TimeSpan Future = TimeSpan.FromMinutes(1);

    /// <summary>The occurrence that a run belongs to; null for a run that no schedule started.</summary>
    internal async Task<Occurrence?> FindAsync(Guid runId, CancellationToken cancellationToken)
    {
        await using var rows = store.Read();
        return await rows.Occurrences.FindAsync([runId], cancellationToken);
    }

    /// <summary>The latest occurrences of a schedule, newest first, each with the state of its run.</summary>
    internal async Task<List<(Occurrence Occurrence, RunStatus? Status, string? Reason)>> ListAsync(
        string schedule, int atMost, CancellationToken cancellationToken)
    {
        await using var rows = store.Read();
        var found = await WithRuns(rows, schedule)
            .OrderByDescending(each => each.Occurrence.PlannedMs).Take(atMost).ToListAsync(cancellationToken);
        return [.. found.Select(each => (each.Occurrence, each.Run?.Status, each.Run?.Reason))];
    }

    /// <summary>Completed runs whose result has not been held against the champion.</summary>
    internal async Task<List<Guid>> UnjudgedAsync(string schedule, CancellationToken cancellationToken)
    {
        await using var rows = store.Read();
        return await WithRuns(rows, schedule)
            .Where(each => each.Occurrence.Verdict == null && each.Run!.Status == RunStatus.Completed)
            .Select(each => each.Occurrence.RunId).ToListAsync(cancellationToken);
    }

    /// <summary>Keeps the verdict about a run and announces it, unless there is one.</summary>
    internal Task JudgeAsync(
        Guid runId, bool promoted, string verdict, object announced, CancellationToken cancellationToken) =>
        store.TransactAsync(
            async transaction =>
            {
                if (await transaction.Rows.Occurrences.FindAsync([runId], cancellationToken)
                    is not { Verdict: null } row)
                    return;
                Put(transaction, row with { Promoted = promoted, Verdict = verdict }, row);
                transaction.Send(runId, new OutboxMessage(announced, transaction.Now));
            },
            cancellationToken);

    /// <summary>What is known of a schedule when a decision is made.</summary>
    internal static async Task<ScheduleState> StateAsync(
        StateTransaction transaction, string schedule, CancellationToken cancellationToken)
    {
        var (rows, now) = (transaction.Rows, transaction.Now);
        await ForgetFutureAsync(rows, schedule, now, cancellationToken);
        // One of the future whose run was started stays, and counts once its time has come.
        var decided = await rows.Occurrences
            .Where(row => row.Schedule == schedule && !row.Manual && row.PlannedMs <= now)
            .MaxAsync(row => (long?)row.PlannedMs, cancellationToken);
        var waiting = await rows.Occurrences.AsNoTracking()
            .Where(row => row.Schedule == schedule && row.Status == OccurrenceStatus.Waiting)
            .OrderByDescending(row => row.PlannedMs).FirstOrDefaultAsync(cancellationToken);
        var open = await WithRuns(rows, schedule)
            .Where(each => each.Occurrence.Status == OccurrenceStatus.Started
                && (each.Run!.Status == RunStatus.Running || each.Run.Status == RunStatus.Cancelling))
            .OrderBy(each => each.Occurrence.PlannedMs).ToListAsync(cancellationToken);
        return new ScheduleState(
            decided, [.. open.Select(each => new OpenOccurrence(each.Occurrence, each.Run!.Status))], waiting);
    }

    /// <summary>Keeps an occurrence as it is now.</summary>
    internal static async Task PutAsync(
        StateTransaction transaction, Occurrence occurrence, CancellationToken cancellationToken) => Put(
        transaction, occurrence,
        await transaction.Rows.Occurrences.FindAsync([occurrence.RunId], cancellationToken));

    // Occurrences of the future were skipped by a clock that ran ahead: they are still to come.
    private static Task ForgetFutureAsync(
        StoreContext rows, string schedule, long now, CancellationToken cancellationToken)
    {
        var after = now + (long)Future.TotalMilliseconds;
        return rows.Occurrences
            .Where(row => row.Schedule == schedule && !row.Manual && row.Status == OccurrenceStatus.Skipped)
            .Where(row => row.PlannedMs > after).ExecuteDeleteAsync(cancellationToken);
    }

    private static void Put(StateTransaction transaction, Occurrence occurrence, Occurrence? kept)
    {
        if (kept is null)
            transaction.Rows.Occurrences.Add(occurrence with { });
        else
            transaction.Rows.Entry(kept).CurrentValues.SetValues(occurrence);
    }

    private static IQueryable<OccurrenceAndRun> WithRuns(StoreContext rows, string schedule) =>
        rows.Occurrences.AsNoTracking().Where(row => row.Schedule == schedule).LeftJoin(
            rows.Runs.AsNoTracking(), row => row.RunId, run => run.RunId,
            (row, run) => new OccurrenceAndRun { Occurrence = row, Run = run });

    private sealed class OccurrenceAndRun
    {
        public required Occurrence Occurrence { get; init; }
        public RunState? Run { get; init; }
    }
}
