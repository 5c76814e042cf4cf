using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Mlops.Orchestrator.Store;

namespace Mlops.Orchestrator.Api;

/// <summary>
/// What happens to a run, for its subscribers. It begins with what has happened already and looks at the stored state
/// whenever the bus is idle, so that an event that the bus lost is passed on all the same.
/// </summary>
public sealed class RunFeed(RunQueries queries, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private const int LargestBacklog = 10_000;
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Channel<object>, Guid> _subscribers = new();

    /// <summary>Passes an event on to the subscribers of its run.</summary>
    public void Publish(Guid runId, object message)
    {
        // One who reads too slowly loses events of the bus, and gets them from the state.
        foreach (var (subscriber, _) in _subscribers.Where(subscriber => subscriber.Value == runId))
            subscriber.Writer.TryWrite(message);
    }

    /// <summary>The events of a run up to its end, or to ours.</summary>
    /// <exception cref="ArgumentException">There is no such run.</exception>
    public async IAsyncEnumerable<object> WatchAsync(
        Guid runId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var received = Channel.CreateBounded<object>(LargestBacklog);
        _subscribers[received] = runId;
        try
        {
            var replay = new RunEventReplay();
            while (true)
            {
                var state = await queries.FindAsync(runId, cancellationToken)
                    ?? throw new ArgumentException($"there is no run {runId}");
                foreach (var message in RunEventReplay.From(state).Where(replay.IsNew))
                    yield return message;
                if (state.HasEnded || lifetime.ApplicationStopping.IsCancellationRequested)
                    yield break;
                // Whether the run has ended is for its state to say: the event may be from before it was resumed.
                while (await NextAsync(received.Reader, cancellationToken) is { } message
                    && !RunEventReplay.IsEnd(message))
                    if (replay.IsNew(message))
                        yield return message;
            }
        }
        finally
        {
            _subscribers.TryRemove(received, out _);
        }
    }

    /// <summary>The next event; null when there was none for a while.</summary>
    private async Task<object?> NextAsync(ChannelReader<object> received, CancellationToken cancellationToken)
    {
        using var idle = new CancellationTokenSource(IdleTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            idle.Token, cancellationToken, lifetime.ApplicationStopping);
        try
        {
            return await received.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
