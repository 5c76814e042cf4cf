using Microsoft.EntityFrameworkCore;
using Mlops.Orchestrator.History;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator;

/// <summary>Reads the run history, also while another process drives its runs.</summary>
/// <param name="historyFile">Path of the SQLite file; a missing one is an empty history.</param>
public sealed class RunQueries(string historyFile)
{
    /// <summary>The latest runs, newest first.</summary>
    public async Task<IReadOnlyList<RunState>> ListAsync(int atMost, CancellationToken cancellationToken)
    {
        if (HistoryFile.OpenForReading(historyFile) is not { } options)
            return [];
        await using var history = new HistoryContext(options);
        var rows = await history.Runs.AsNoTracking().Include(run => run.Jobs)
            .OrderByDescending(run => run.StartedMs).Take(atMost).ToListAsync(cancellationToken);
        return [.. rows.Select(RowMapping.ToState)];
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
        await using var history = new HistoryContext(options);
        var ids = await history.Runs.Select(run => run.RunId).ToListAsync(cancellationToken);
        var matches = ids.Where(id => id.ToString("N").StartsWith(prefix, StringComparison.Ordinal)).Take(2).ToArray();
        if (matches.Length > 1)
            throw new ArgumentException($"several runs begin with '{idOrPrefix}'; give more of the id");
        if (matches.Length == 0)
            return null;
        var row = await history.Runs.AsNoTracking().Include(run => run.Jobs)
            .SingleAsync(run => run.RunId == matches[0], cancellationToken);
        return RowMapping.ToState(row);
    }
}
