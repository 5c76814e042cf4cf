using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Orchestrator.History;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator;

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
        await using var history = new HistoryContext(options);
        var rows = await (
            from attempt in history.Attempts.AsNoTracking()
            join job in history.Jobs on new { attempt.RunId, attempt.JobId } equals new { job.RunId, job.JobId }
            where job.Kind == kind && attempt.DispatchedMs < before && attempt.Key != null
                && (attempt.Outcome == AttemptOutcome.Completed || attempt.Outcome == AttemptOutcome.Cached)
            orderby attempt.DispatchedMs descending
            select attempt).Take(AttemptsCompared).ToListAsync(cancellationToken);
        rows.Reverse();
        return [.. rows.Select(row => new PastAttempt(row.RunId, RowMapping.ToState(row)))];
    }

    /// <summary>Every result in the history, the oldest job of each first.</summary>
    public async Task<IReadOnlyList<MadeArtifact>> ArtifactsAsync(CancellationToken cancellationToken)
    {
        if (HistoryFile.OpenForReading(historyFile) is not { } options)
            return [];
        await using var history = new HistoryContext(options);
        var jobs = await history.Jobs.AsNoTracking().Where(job => job.OutputSha256 != null)
            .OrderBy(job => job.Cached).ThenBy(job => job.FinishedMs).ToListAsync(cancellationToken);
        return
        [
            .. jobs.Select(job => new MadeArtifact(
                new ObjectRef(job.OutputSha256!, job.OutputLength), job.RunId, job.JobId)),
        ];
    }

    /// <summary>Everything that runs were given.</summary>
    public async Task<IReadOnlyList<ObjectRef>> InputsAsync(CancellationToken cancellationToken)
    {
        if (HistoryFile.OpenForReading(historyFile) is not { } options)
            return [];
        await using var history = new HistoryContext(options);
        var texts = await history.Runs.Select(run => run.Inputs).Distinct().ToListAsync(cancellationToken);
        return [.. texts.SelectMany(RowMapping.ReadInputs).Distinct()];
    }
}

/// <summary>An artifact and the job that made it, or found it first.</summary>
public sealed record MadeArtifact(ObjectRef Artifact, Guid RunId, string JobId);
