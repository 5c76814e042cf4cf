using MassTransit;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;

namespace Mlops.Tests.Orchestrator.Support;

/// <summary>Everything that was published in a test, and a way to wait for more of it.</summary>
public sealed class Heard
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

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
        using var patience = new CancellationTokenSource(atMost ?? Patience);
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (_messages.OfType<TMessage>().Where(fits ?? (_ => true)).Take(1).ToArray() is [var found])
                    return found;
                more = _more.Task;
            }
            await more.WaitAsync(patience.Token);
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

/// <summary>Hears all events and the one command that is sent to everybody.</summary>
public sealed class HearingConsumer(Heard heard) :
    IConsumer<RunStarted>, IConsumer<RunRefused>, IConsumer<RunCompleted>, IConsumer<RunFailed>,
    IConsumer<RunCancelled>, IConsumer<JobDispatched>, IConsumer<JobProgressed>, IConsumer<JobCompleted>,
    IConsumer<JobFailed>, IConsumer<CancelJob>, IConsumer<ChampionPromoted>, IConsumer<ChampionKept>
{
    public Task Consume(ConsumeContext<RunStarted> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<RunRefused> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<RunCompleted> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<RunFailed> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<RunCancelled> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<JobDispatched> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<JobProgressed> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<JobCompleted> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<JobFailed> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<CancelJob> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<ChampionPromoted> context) => Hear(context.Message);

    public Task Consume(ConsumeContext<ChampionKept> context) => Hear(context.Message);

    private Task Hear(object message)
    {
        heard.Add(message);
        return Task.CompletedTask;
    }
}
