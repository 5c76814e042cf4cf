using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.History;

/// <summary>Figures for the metrics. They are read as the exporter asks for them, which is not asynchronous.</summary>
public sealed partial class RunHistory
{
    /// <summary>Jobs that wait for a worker or have one.</summary>
    internal List<JobRow> OpenJobs()
    {
        using var history = new HistoryContext(_options);
        return [.. history.Jobs.AsNoTracking()
            .Where(job => job.Status == JobStatus.Dispatched || job.Status == JobStatus.Running)];
    }

    /// <summary>Attempts that no worker has taken yet, by kind of work: since when, in Unix milliseconds.</summary>
    internal ILookup<JobKind, long> WaitingSince()
    {
        using var history = new HistoryContext(_options);
        var waiting =
            from job in history.Jobs
            where job.Status == JobStatus.Dispatched
            join attempt in history.Attempts
                on new { job.RunId, job.JobId, job.Attempt }
                equals new { attempt.RunId, attempt.JobId, attempt.Attempt }
            select new { job.Kind, attempt.DispatchedMs };
        return waiting.ToLookup(each => each.Kind, each => each.DispatchedMs);
    }

    /// <summary>How many runs there are of each status that occurs.</summary>
    internal Dictionary<RunStatus, int> RunsByStatus()
    {
        using var history = new HistoryContext(_options);
        return history.Runs.GroupBy(run => run.Status).Select(group => new { group.Key, Count = group.Count() })
            .ToDictionary(group => group.Key, group => group.Count);
    }

    /// <summary>How many messages are still to be sent.</summary>
    internal int OutboxLength()
    {
        using var history = new HistoryContext(_options);
        return history.Outbox.Count();
    }
}
