using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.Store;

/// <summary>What a process that was killed left behind, and the next one would take up.</summary>
public static class UnfinishedRuns
{
    private const int Latest = 50;

    /// <summary>Runs of a history that no process drives.</summary>
    /// <exception cref="ArgumentException">Another process drives them.</exception>
    public static async Task<IReadOnlyList<RunState>> FindAsync(string historyFile, CancellationToken cancellationToken)
    {
        using var alone = HistoryLock.Take(historyFile);
        var runs = await new RunQueries(historyFile).ListAsync(Latest, cancellationToken);
        return [.. runs.Where(run => run.Status is RunStatus.Running or RunStatus.Cancelling)];
    }
}
