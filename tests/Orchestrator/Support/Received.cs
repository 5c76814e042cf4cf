using MassTransit;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;

namespace Mlops.Tests.Orchestrator.Support;

/// <summary>Everything that was published in a test, and a way to wait for more of it.</summary>
public sealed class Received
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private readonly Lock _lock = new();
    private readonly List<object> _messages = [];
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>All messages of a type so far.</summary>
    public List<TMessage> All<TMessage>()
    {
        lock (_lock)
            return [.. _messages.OfType<TMessage>()];
    }

    /// <summary>Waits for the first message that fits.</summary>
    public async Task<TMessage> FirstAsync<TMessage>(Func<TMessage, bool>? fits = null, TimeSpan? atMost = null)
    {
        using var timeout = new CancellationTokenSource(atMost ?? Timeout);
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (_messages.OfType<TMessage>().Where(fits ?? (_ => true)).Take(1).ToArray() is [var found])
                    return found;
                more = _more.Task;
            }
            await more.WaitAsync(timeout.Token);
        }
    }

    public void Add(object message)
    {
        lock (_lock)
        {
            _messages.Add(message);
            _more.TrySetResult();
            _more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}

/// <summary>Records all events and the one command that is sent to everybody.</summary>
public sealed class RecordingConsumer(Received received) :
    IConsumer<RunStarted>, IConsumer<RunRefused>, IConsumer<RunCompleted>, IConsumer<RunFailed>,
    IConsumer<RunCancelled>, IConsumer<JobDispatched>, IConsumer<JobProgressed>, IConsumer<JobCompleted>,
    IConsumer<JobFailed>, IConsumer<CancelJob>, IConsumer<ChampionPromoted>, IConsumer<ChampionKept>
{
    public Task Consume(ConsumeContext<RunStarted> context) => Record(context.Message);

    public Task Consume(ConsumeContext<RunRefused> context) => Record(context.Message);

    public Task Consume(ConsumeContext<RunCompleted> context) => Record(context.Message);

    public Task Consume(ConsumeContext<RunFailed> context) => Record(context.Message);

    public Task Consume(ConsumeContext<RunCancelled> context) => Record(context.Message);

    public Task Consume(ConsumeContext<JobDispatched> context) => Record(context.Message);

    public Task Consume(ConsumeContext<JobProgressed> context) => Record(context.Message);

    public Task Consume(ConsumeContext<JobCompleted> context) => Record(context.Message);

    public Task Consume(ConsumeContext<JobFailed> context) => Record(context.Message);

    public Task Consume(ConsumeContext<CancelJob> context) => Record(context.Message);

    public Task Consume(ConsumeContext<ChampionPromoted> context) => Record(context.Message);

    public Task Consume(ConsumeContext<ChampionKept> context) => Record(context.Message);

    private Task Record(object message)
    {
        received.Add(message);
        return Task.CompletedTask;
    }
}
