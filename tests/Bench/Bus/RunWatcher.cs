using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts.Events;
using Mlops.Platform.Bus;

namespace Mlops.Bench.Bus;

/// <summary>Waits for runs to start, make progress and end.</summary>
public sealed class RunWatcher
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _ended = new();
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<JobProgressed>> _heartbeats = new();
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<JobProgressed>> _progress = new();

    /// <summary>What a host must register to receive the events.</summary>
    public ServiceModule Module => new(
        "watcher", services => services.AddSingleton(this), bus => bus.AddSubscriber<RunWatcherConsumer>());

    /// <summary>The run is over, in whatever way.</summary>
    public Task EndedAsync(Guid runId) => Ended(runId).Task;

    /// <summary>The first heartbeat of a job of the run.</summary>
    public Task<JobProgressed> FirstHeartbeatAsync(Guid runId) => Of(_heartbeats, runId).Task;

    /// <summary>The first heartbeat that reports progress.</summary>
    public Task<JobProgressed> FirstProgressAsync(Guid runId) => Of(_progress, runId).Task;

    /// <summary>Records an end.</summary>
    public void End(Guid runId) => Ended(runId).TrySetResult();

    /// <summary>Records a heartbeat.</summary>
    public void Heartbeat(JobProgressed heartbeat)
    {
        Of(_heartbeats, heartbeat.RunId).TrySetResult(heartbeat);
        if (heartbeat.Fraction > 0)
            Of(_progress, heartbeat.RunId).TrySetResult(heartbeat);
    }

    private TaskCompletionSource Ended(Guid runId) =>
        _ended.GetOrAdd(runId, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private static TaskCompletionSource<JobProgressed> Of(
        ConcurrentDictionary<Guid, TaskCompletionSource<JobProgressed>> all, Guid runId) =>
        all.GetOrAdd(runId, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>Feeds a <see cref="RunWatcher"/>.</summary>
public sealed class RunWatcherConsumer(RunWatcher watcher) :
    IConsumer<RunCompleted>, IConsumer<RunCancelled>, IConsumer<RunFailed>, IConsumer<JobProgressed>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<RunCompleted> context) => End(context.Message.RunId);

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<RunCancelled> context) => End(context.Message.RunId);

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<RunFailed> context) => End(context.Message.RunId);

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<JobProgressed> context)
    {
        watcher.Heartbeat(context.Message);
        return Task.CompletedTask;
    }

    private Task End(Guid runId)
    {
        watcher.End(runId);
        return Task.CompletedTask;
    }
}
