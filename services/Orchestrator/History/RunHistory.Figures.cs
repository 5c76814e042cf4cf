using Microsoft.EntityFrameworkCore;
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
