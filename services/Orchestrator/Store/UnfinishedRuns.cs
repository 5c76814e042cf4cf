using Microsoft.EntityFrameworkCore;

namespace Mlops.Orchestrator.Store;

/// <summary>What a process that was killed left behind, and the next one would take up.</summary>
public static class UnfinishedRuns
{
    /// <summary>Runs of a history that no process drives, newest first, with their recipes.</summary>
    /// <exception cref="ArgumentException">Another process drives them.</exception>
    public static async Task<IReadOnlyList<(Guid RunId, string Recipe)>> FindAsync(
        string historyFile, CancellationToken cancellationToken)
    {
        using var alone = HistoryLock.Take(historyFile);
        if (HistoryFile.OpenForReading(historyFile) is not { } options)
            return [];
        await using var history = new StoreContext(options);
        var runs = await history.OpenRuns.OrderByDescending(run => run.StartedMs)
            .Select(run => new { run.RunId, run.Recipe }).ToListAsync(cancellationToken);
        return runs.ConvertAll(run => (run.RunId, run.Recipe));
    }
}
