using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts.Events;
using Mlops.Platform.Bus;

namespace Mlops.Bench.Bus;

/// <summary>Hears runs get under way and end.</summary>
public sealed class Endings
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource> _ended = new();
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<JobProgressed>> _beaten = new(), _working = new();

    /// <summary>What a host must register to hear.</summary>
    public ServiceModule Module => new(
        "endings", services => services.AddSingleton(this), bus => bus.AddListener<EndingConsumer>());

    /// <summary>The run is over, in whatever way.</summary>
    public Task EndedAsync(Guid runId) => Ended(runId).Task;

    /// <summary>The first sign of life of a job of the run.</summary>
    public Task<JobProgressed> BeatenAsync(Guid runId) => Of(_beaten, runId).Task;

    /// <summary>The first sign of life that tells of work done.</summary>
    public Task<JobProgressed> WorkingAsync(Guid runId) => Of(_working, runId).Task;

    /// <summary>Notes an end.</summary>
    public void End(Guid runId) => Ended(runId).TrySetResult();

    /// <summary>Notes a sign of life.</summary>
    public void Beat(JobProgressed beat)
    {
        Of(_beaten, beat.RunId).TrySetResult(beat);
        if (beat.Fraction > 0)
            Of(_working, beat.RunId).TrySetResult(beat);
    }

    private TaskCompletionSource Ended(Guid runId) =>
        _ended.GetOrAdd(runId, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private static TaskCompletionSource<JobProgressed> Of(
        ConcurrentDictionary<Guid, TaskCompletionSource<JobProgressed>> all, Guid runId) =>
        all.GetOrAdd(runId, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>The ear of <see cref="Endings"/>.</summary>
public sealed class EndingConsumer(Endings endings) :
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
        endings.Beat(context.Message);
        return Task.CompletedTask;
    }

    private Task End(Guid runId)
    {
        endings.End(runId);
        return Task.CompletedTask;
    }
}
