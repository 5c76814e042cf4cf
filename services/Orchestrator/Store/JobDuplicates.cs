using Microsoft.EntityFrameworkCore;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.Store;

/// <summary>
/// Duplicate jobs: jobs of different runs with the same key. One is done at a time; the others wait and hold up nobody.
/// </summary>
internal static class JobDuplicates
{
    /// <summary>Whether a job of another run with this key is being done.</summary>
    public static async Task<bool> IsRunningAsync(
        StoreContext rows, Guid runId, string? key, CancellationToken cancellationToken) =>
        key is not null && await rows.Jobs.AnyAsync(
            job => job.State.Key == key && job.RunId != runId && job.State.Status == JobStatus.Running,
            cancellationToken);

    /// <summary>The key of the work that a change of a run has ended, and whether with a result.</summary>
    public static (string Key, bool IsCompleted)? EndedWork(RunState? before, RunState? after) =>
        before?.Current is { Status: JobStatus.Running, Key: { } key } held
        && after?.Jobs.Find(job => job.JobId == held.JobId) is { Status: not JobStatus.Running } ended
            ? (key, ended.Status == JobStatus.Completed)
            : null;

    /// <summary>Jobs that wait for a duplicate with this key, in order.</summary>
    public static Task<List<JobRow>> WaitingAsync(
        StoreContext rows, string key, int atMost, CancellationToken cancellationToken) =>
        rows.Jobs.AsNoTracking()
            .Where(job => job.State.Key == key && job.State.Status == JobStatus.WaitingForDuplicate)
            .OrderBy(job => job.State.StartedMs).Take(atMost).ToListAsync(cancellationToken);
}
