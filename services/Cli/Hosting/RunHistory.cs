using Microsoft.Extensions.DependencyInjection;
using Mlops.Orchestrator.Api;
using Mlops.Orchestrator.Store;
using Mlops.Platform.Objects;

namespace Mlops.Cli.Hosting;

/// <summary>Runs to look at: those of a server, or of a home folder, which another process may be driving.</summary>
public sealed class RunHistory : IAsyncDisposable
{
    private readonly ServiceProvider _store;
    private readonly OrchestratorClient? _client;
    private readonly RunQueries _queries;
    private readonly RunEvaluations _evaluations;

    /// <summary>Opens the history.</summary>
    /// <param name="server">The address of the process that has it; null for the one of the folder.</param>
    public RunHistory(DirectoryInfo home, Uri? server)
    {
        _store = RunHosts.Store(home);
        _client = server is null ? null : RunHosts.Client(server);
        _queries = new RunQueries(EmbeddedHost.HistoryFile(home));
        _evaluations = new(Artifacts, TimeProvider.System);
    }

    /// <summary>What the runs have made.</summary>
    public ArtifactStore Artifacts => _store.GetRequiredService<ArtifactStore>();

    /// <summary>The latest runs, newest first.</summary>
    public async Task<IReadOnlyList<RunResponse>> ListAsync(int count, CancellationToken cancellationToken) =>
        _client is not null
            ? await _client.ListAsync(count, cancellationToken)
            : await _evaluations.DescribeAsync(await _queries.ListAsync(count, cancellationToken), cancellationToken);

    /// <summary>The run whose id begins like this.</summary>
    /// <exception cref="ArgumentException">There is none, or there are several.</exception>
    public async Task<RunResponse> FindAsync(string idOrPrefix, CancellationToken cancellationToken) =>
        _client is not null
            ? await _client.FindAsync(idOrPrefix, cancellationToken)
            : await _evaluations.DescribeAsync(
                await _queries.GetAsync(idOrPrefix, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client?.Dispose();
        return _store.DisposeAsync();
    }
}
