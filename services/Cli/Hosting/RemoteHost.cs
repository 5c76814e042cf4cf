using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator.Api;
using Mlops.Platform.Objects;

namespace Mlops.Cli.Hosting;

/// <summary>
/// An orchestrator that is reached over HTTP, beside the object store that it uses as well. It may be restarted while
/// its runs are watched.
/// </summary>
public sealed class RemoteHost(OrchestratorClient client, ServiceProvider store) : IRunHost
{
    // A connection that was silent for so long may be dead, and a new one tells nothing twice.
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryWindow = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public ArtifactStore Artifacts => store.GetRequiredService<ArtifactStore>();

    /// <inheritdoc/>
    public Task StartAsync(StartRun command, CancellationToken cancellationToken) =>
        client.StartAsync(command, cancellationToken);

    /// <inheritdoc/>
    public Task<RunResponse> FindAsync(string idOrPrefix, CancellationToken cancellationToken) =>
        client.FindAsync(idOrPrefix, cancellationToken);

    /// <inheritdoc/>
    public Task ResumeAsync(Guid runId, CancellationToken cancellationToken) =>
        client.ChangeAsync(runId, "resume", cancellationToken);

    /// <inheritdoc/>
    public async Task CancelAsync(Guid runId, CancellationToken cancellationToken)
    {
        // The server refuses to cancel what has ended; here as in one process that is nothing to do.
        var run = await client.FindAsync(runId.ToString("N"), cancellationToken);
        if (!run.HasEnded)
            await client.ChangeAsync(runId, "cancel", cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<object> WatchAsync(
        Guid runId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var replay = new RunEventReplay();
        var receivedAt = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var idle = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await using (var events = client.ListenAsync(runId, idle.Token).GetAsyncEnumerator(idle.Token))
                while (await NextAsync(events) is { } message)
                {
                    receivedAt = TimeProvider.System.GetTimestamp();
                    if (replay.IsNew(message))
                        yield return message;
                    if (RunEventReplay.IsEnd(message))
                        yield break;
                }
            await Task.Delay(Pause, cancellationToken);

            async Task<object?> NextAsync(IAsyncEnumerator<object> events)
            {
                idle.CancelAfter(IdleTimeout);
                try
                {
                    return await events.MoveNextAsync() ? events.Current : null;
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    return null;
                }
                catch (Exception exception) when (exception is IOException or HttpRequestException
                    && TimeProvider.System.GetElapsedTime(receivedAt) < RetryWindow)
                {
                    return null;
                }
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await store.DisposeAsync();
    }
}
