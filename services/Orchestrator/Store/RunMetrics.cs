using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.Store;

/// <summary>What metrics are made of. It is read as the exporter asks for it, which is not asynchronous.</summary>
internal sealed class RunMetrics(StateStore store)
{
    /// <summary>Jobs that wait for a worker or have one.</summary>
    public List<JobRow> OpenJobs()
    {
        using var rows = store.Read();
        return [.. rows.Jobs.AsNoTracking()
            .Where(job => job.State.Status == JobStatus.Dispatched || job.State.Status == JobStatus.Running)];
    }

    /// <summary>Attempts that no worker has taken yet, by kind of work: since when, in Unix milliseconds.</summary>
    public ILookup<JobKind, long> WaitingSince()
    {
        using var rows = store.Read();
        var waiting =
            from job in rows.Jobs
            where job.State.Status == JobStatus.Dispatched
            join attempt in rows.Attempts
                on new { job.RunId, job.State.JobId, job.State.Attempt }
                equals new { attempt.RunId, attempt.State.JobId, attempt.State.Attempt }
            select new { job.State.Kind, attempt.State.DispatchedMs };
        return waiting.ToLookup(each => each.Kind, each => each.DispatchedMs);
    }

    /// <summary>How many runs there are of each status that occurs.</summary>
    public Dictionary<RunStatus, int> RunsByStatus()
    {
        using var rows = store.Read();
        return rows.Runs.GroupBy(run => run.Status).Select(group => new { group.Key, Count = group.Count() })
            .ToDictionary(group => group.Key, group => group.Count);
    }

    /// <summary>Age of a time in Unix milliseconds; 0 for one that a clock put in the future.</summary>
    public double SecondsSince(long then) => Math.Max(0, store.Now - then) / 1000.0;

    /// <summary>How many messages are still to be sent.</summary>
    public int OutboxLength()
    {
        using var rows = store.Read();
        return rows.Outbox.Count();
    }
}
