using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Mlops.Orchestrator.Store;

namespace Mlops.Orchestrator.Api;

/// <summary>
/// What happens to a run, for whoever watches. It begins with what has happened already and looks at the stored state
/// whenever the bus is silent, so that an event that the bus lost is told all the same.
/// </summary>
public sealed class RunFeed(RunQueries queries, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private const int LargestBacklog = 10_000;
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Channel<object>, Guid> _watchers = new();

    /// <summary>Passes an event on to the watchers of its run.</summary>
    public void Hear(Guid runId, object message)
    {
        // One who reads too slowly loses events of the bus, and gets them from the state.
        foreach (var (watcher, _) in _watchers.Where(watcher => watcher.Value == runId))
            watcher.Writer.TryWrite(message);
    }

    /// <summary>The events of a run up to its end, or to ours.</summary>
    /// <exception cref="ArgumentException">There is no such run.</exception>
    public async IAsyncEnumerable<object> WatchAsync(
        Guid runId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var heard = Channel.CreateBounded<object>(LargestBacklog);
        _watchers[heard] = runId;
        try
        {
            var story = new RunStory();
            while (true)
            {
                var state = await queries.FindAsync(runId, cancellationToken)
                    ?? throw new ArgumentException($"there is no run {runId}");
                foreach (var message in RunStory.Of(state).Where(story.IsNews))
                    yield return message;
                if (state.HasEnded || lifetime.ApplicationStopping.IsCancellationRequested)
                    yield break;
                // Whether the run has ended is for its state to say: the event may be from before it was resumed.
                while (await NextAsync(heard.Reader, cancellationToken) is { } message && !RunStory.IsEnd(message))
                    if (story.IsNews(message))
                        yield return message;
            }
        }
        finally
        {
            _watchers.TryRemove(heard, out _);
        }
    }

    /// <summary>The next event; null when there was none for a while.</summary>
    private async Task<object?> NextAsync(ChannelReader<object> heard, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(Silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            silence.Token, cancellationToken, lifetime.ApplicationStopping);
        try
        {
            return await heard.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
