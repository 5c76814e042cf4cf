using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.Store;

/// <summary>Questions about attempts and about what they made.</summary>
public sealed partial class RunQueries
{
    private const int AttemptsCompared = 1000;

    /// <summary>Attempts at jobs of a kind that came to a result, in order of time; of many, the latest.</summary>
    /// <param name="before">Dispatched before this time, in Unix milliseconds.</param>
    public async Task<IReadOnlyList<PastAttempt>> ResultsBeforeAsync(
        JobKind kind, long before, CancellationToken cancellationToken)
    {
        if (HistoryFile.OpenForReading(historyFile) is not { } options)
            return [];
        await using var history = new StoreContext(options);
        var rows = await (
            from attempt in history.Attempts.AsNoTracking()
            join job in history.Jobs
                on new { attempt.RunId, attempt.State.JobId } equals new { job.RunId, job.State.JobId }
            where job.State.Kind == kind && attempt.State.DispatchedMs < before && attempt.State.Key != null
                && (attempt.State.Outcome == AttemptOutcome.Completed
                    || attempt.State.Outcome == AttemptOutcome.Cached)
            orderby attempt.State.DispatchedMs descending
            select attempt).Take(AttemptsCompared).ToListAsync(cancellationToken);
        rows.Reverse();
        return [.. rows.Select(row => new PastAttempt(row.RunId, row.State))];
    }

    /// <summary>Every result in the history, the oldest job of each first.</summary>
    public async Task<IReadOnlyList<MadeArtifact>> ArtifactsAsync(CancellationToken cancellationToken)
    {
        if (HistoryFile.OpenForReading(historyFile) is not { } options)
            return [];
        await using var history = new StoreContext(options);
        var jobs = await history.Jobs.AsNoTracking().Where(job => job.State.Output != null)
            .OrderBy(job => job.State.Cached).ThenBy(job => job.State.FinishedMs).ToListAsync(cancellationToken);
        return [.. jobs.Select(job => new MadeArtifact(job.State.Output!, job.RunId, job.State.JobId))];
    }

    /// <summary>Everything that runs were given.</summary>
    public async Task<IReadOnlyList<ObjectRef>> InputsAsync(CancellationToken cancellationToken)
    {
        if (HistoryFile.OpenForReading(historyFile) is not { } options)
            return [];
        await using var history = new StoreContext(options);
        var inputs = await history.Runs.Select(run => run.Inputs).ToListAsync(cancellationToken);
        return [.. inputs.SelectMany(each => each.Values).Distinct()];
    }
}

/// <summary>An artifact and the job that made it, or found it first.</summary>
public sealed record MadeArtifact(ObjectRef Artifact, Guid RunId, string JobId);
