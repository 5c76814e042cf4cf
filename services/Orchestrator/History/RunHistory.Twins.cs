using Microsoft.EntityFrameworkCore;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.History;

/// <summary>
/// Twins: jobs of different runs with the same key. One is done at a time; the others are parked and hold up nobody.
/// </summary>
public sealed partial class RunHistory
{
    /// <summary>Applies a decision that depends on whether a twin of the job is being done.</summary>
    internal Task ApplyAsync(
        Guid runId, string? key, Func<RunState?, bool, Decision> decide, CancellationToken cancellationToken) =>
        WriteAsync(
            async history =>
            {
                var twin = key is not null && await history.Jobs.AnyAsync(
                    job => job.Key == key && job.RunId != runId && job.Status == JobStatus.Running,
                    cancellationToken);
                return await ApplyAsync(history, runId, state => decide(state, twin), cancellationToken);
            },
            cancellationToken);

    /// <summary>
    /// Sends parked jobs again that nobody else would: none of their twins is being done or on its way.
    /// </summary>
    internal async Task ReleaseForgottenTwinsAsync(CancellationToken cancellationToken)
    {
        await using (var reading = new HistoryContext(_options))
            if (!await reading.Jobs.AnyAsync(job => job.Status == JobStatus.Parked, cancellationToken))
                return;
        await WriteAsync(
            async history =>
            {
                var forgotten = await history.Jobs
                    .Where(job => job.Status == JobStatus.Parked && !history.Jobs.Any(twin => twin.Key == job.Key
                        && (twin.Status == JobStatus.Running || twin.Status == JobStatus.Dispatched)))
                    .Select(job => job.Key!).Distinct().ToListAsync(cancellationToken);
                foreach (var key in forgotten)
                    await ReleaseAsync(history, key, atMost: 1, cancellationToken);
                return forgotten.Count > 0;
            },
            cancellationToken);
    }

    // A result serves all at once; without one, the next in line makes it.
    private async Task<bool> ReleaseTwinsAsync(
        HistoryContext history, RunState? before, RunState? after, CancellationToken cancellationToken)
    {
        if (before?.Current is not { Status: JobStatus.Running, Key: { } key } held
            || after?.Jobs.Find(job => job.JobId == held.JobId) is not { Status: not JobStatus.Running } ended)
            return false;
        var atMost = ended.Status == JobStatus.Completed ? int.MaxValue : 1;
        return await ReleaseAsync(history, key, atMost, cancellationToken);
    }

    private async Task<bool> ReleaseAsync(
        HistoryContext history, string key, int atMost, CancellationToken cancellationToken)
    {
        var parked = await history.Jobs.AsNoTracking()
            .Where(job => job.Key == key && job.Status == JobStatus.Parked)
            .OrderBy(job => job.StartedMs).Select(job => new { job.RunId, job.JobId }).Take(atMost)
            .ToListAsync(cancellationToken);
        foreach (var job in parked)
            await ApplyAsync(
                history, job.RunId, state => _decisions.Release(state, job.JobId, Now), cancellationToken);
        return parked.Count > 0;
    }
}
