using Microsoft.EntityFrameworkCore;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.Store;

/// <summary>What background services look for: runs and jobs that no message may ever move again.</summary>
internal sealed class OpenWork(StateStore store)
{
    private static readonly TimeSpan InboxRetention = TimeSpan.FromDays(7);

    /// <summary>Runs that are under way.</summary>
    public async Task<List<Guid>> RunsAsync(CancellationToken cancellationToken)
    {
        await using var rows = store.Read();
        return await rows.OpenRuns.Select(run => run.RunId).ToListAsync(cancellationToken);
    }

    /// <summary>
    /// Jobs whose lease has expired, or reaches so far that it must be from before the clock was put back.
    /// </summary>
    public async Task<List<JobRow>> ExpiredJobsAsync(TimeSpan lease, CancellationToken cancellationToken)
    {
        var now = store.Now;
        var furthest = now + (long)(lease + RunDecisions.LargestClockDrift).TotalMilliseconds;
        await using var rows = store.Read();
        return await rows.Jobs.AsNoTracking()
            .Where(job => job.State.Status == JobStatus.Running)
            .Where(job => job.State.LeaseUntilMs <= now || job.State.LeaseUntilMs > furthest)
            .ToListAsync(cancellationToken);
    }

    /// <summary>
    /// Keys of jobs that wait for a duplicate although none is being done or on its way: nobody else releases them.
    /// </summary>
    public async Task<List<string>> OrphanedKeysAsync(CancellationToken cancellationToken)
    {
        await using var rows = store.Read();
        return await OrphanedKeysAsync(rows, cancellationToken);
    }

    /// <summary>The same within a transaction.</summary>
    public static Task<List<string>> OrphanedKeysAsync(StoreContext rows, CancellationToken cancellationToken) =>
        rows.Jobs
            .Where(job => job.State.Status == JobStatus.WaitingForDuplicate && !rows.Jobs.Any(other =>
                other.State.Key == job.State.Key
                && (other.State.Status == JobStatus.Running || other.State.Status == JobStatus.Dispatched)))
            .Select(job => job.State.Key!).Distinct().ToListAsync(cancellationToken);

    /// <summary>Forgets messages so old that no second delivery can still come.</summary>
    public Task ForgetOldMessagesAsync(CancellationToken cancellationToken) => store.TransactAsync(
        async transaction =>
        {
            var before = transaction.Now - (long)InboxRetention.TotalMilliseconds;
            await transaction.Rows.Inbox.Where(row => row.ReceivedMs < before).ExecuteDeleteAsync(cancellationToken);
        },
        cancellationToken);
}
