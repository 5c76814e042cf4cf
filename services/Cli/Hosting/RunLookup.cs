using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Store;

namespace Mlops.Cli.Hosting;

/// <summary>Runs by what a person types.</summary>
internal static class RunLookup
{
    /// <summary>The run whose id begins like this.</summary>
    /// <exception cref="ArgumentException">There is none, or there are several.</exception>
    public static async Task<RunState> GetAsync(
        this RunQueries queries, string idOrPrefix, CancellationToken cancellationToken) =>
        await queries.FindAsync(idOrPrefix, cancellationToken)
        ?? throw new ArgumentException($"no run begins with '{idOrPrefix}'; `mlops status` lists them");
}
