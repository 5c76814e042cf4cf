using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.Store;

/// <summary>How many workers one kind of job could keep busy.</summary>
public sealed record JobDemand(int Waiting, int Running)
{
    /// <summary>Workers that have something to do; fewer would end a job.</summary>
    public int Wanted => Waiting + Running;
}

/// <summary>Reads the run history, also while another process drives its runs.</summary>
/// <param name="historyFile">Path of the SQLite file; a missing one is an empty history.</param>
public sealed partial class RunQueries(string historyFile)
{
    /// <summary>The latest runs, newest first.</summary>
    public async Task<IReadOnlyList<RunState>> ListAsync(int atMost, CancellationToken cancellationToken)
    {
        if (HistoryFile.OpenForReading(historyFile) is not { } options)
            return [];
        await using var history = new StoreContext(options);
        var runs = await history.Runs.AsNoTracking()
            .OrderByDescending(run => run.StartedMs).Take(atMost).ToListAsync(cancellationToken);
        var ids = runs.Select(run => run.RunId).ToList();
        var jobs = (await history.Jobs.AsNoTracking().Where(job => ids.Contains(job.RunId))
            .ToListAsync(cancellationToken)).ToLookup(job => job.RunId);
        return [.. runs.Select(run => run.With(jobs[run.RunId], []))];
    }

    /// <summary>The run whose id begins with this text, in any of the usual notations.</summary>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="ArgumentException">Several runs begin like this, or the text cannot begin an id.</exception>
    public async Task<RunState?> FindAsync(string idOrPrefix, CancellationToken cancellationToken)
    {
        var prefix = idOrPrefix.Trim().Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
        if (prefix.Length == 0 || !prefix.All(char.IsAsciiHexDigit))
            throw new ArgumentException($"'{idOrPrefix}' is no run id; `mlops status` lists the runs");
        if (HistoryFile.OpenForReading(historyFile) is not { } options)
            return null;
        await using var history = new StoreContext(options);
        var ids = await history.Runs.Select(run => run.RunId).ToListAsync(cancellationToken);
        var matches = ids.Where(id => id.ToString("N").StartsWith(prefix, StringComparison.Ordinal)).Take(2).ToArray();
        if (matches.Length > 1)
            throw new ArgumentException($"several runs begin with '{idOrPrefix}'; give more of the id");
        if (matches.Length == 0)
            return null;
        return await FindAsync(history, matches[0], cancellationToken);
    }

    /// <summary>The run of this id, or null.</summary>
    public async Task<RunState?> FindAsync(Guid runId, CancellationToken cancellationToken)
    {
        if (HistoryFile.OpenForReading(historyFile) is not { } options)
            return null;
        await using var history = new StoreContext(options);
        return await FindAsync(history, runId, cancellationToken);
    }

    /// <summary>The jobs on their way, by the name of their queue; every kind of job is there.</summary>
    public async Task<IReadOnlyDictionary<string, JobDemand>> DemandAsync(CancellationToken cancellationToken)
    {
        var demand = Enum.GetValues<JobKind>().ToDictionary(JobKinds.NameOf, _ => new JobDemand(0, 0));
        if (HistoryFile.OpenForReading(historyFile) is not { } options)
            return demand;
        await using var history = new StoreContext(options);
        var counts = await history.Jobs
            .Where(job => job.State.Status == JobStatus.Dispatched || job.State.Status == JobStatus.Running)
            .GroupBy(job => new { job.State.Kind, job.State.Status })
            .Select(group => new { group.Key.Kind, group.Key.Status, Count = group.Count() })
            .ToListAsync(cancellationToken);
        foreach (var count in counts)
        {
            var name = JobKinds.NameOf(count.Kind);
            demand[name] = count.Status == JobStatus.Running
                ? demand[name] with { Running = count.Count }
                : demand[name] with { Waiting = count.Count };
        }

        return demand;
    }

    private static async Task<RunState?> FindAsync(
        StoreContext history, Guid runId, CancellationToken cancellationToken)
    {
        if (await history.Runs.AsNoTracking().SingleOrDefaultAsync(run => run.RunId == runId, cancellationToken)
            is not { } run)
            return null;
        return run.With(
            await history.Jobs.AsNoTracking().Where(job => job.RunId == runId).ToListAsync(cancellationToken),
            await history.Attempts.AsNoTracking().Where(row => row.RunId == runId).ToListAsync(cancellationToken));
    }
}
