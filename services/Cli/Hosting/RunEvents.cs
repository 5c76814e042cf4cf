using System.Threading.Channels;
using MassTransit;
using Mlops.Contracts.Events;

namespace Mlops.Cli.Hosting;

/// <summary>What is heard on the bus of the runs of this process, in order of arrival.</summary>
public sealed class RunEvents
{
    private readonly Channel<object> _heard = Channel.CreateUnbounded<object>();

    /// <summary>The events, for the one who shows them.</summary>
    public ChannelReader<object> Reader => _heard.Reader;

    /// <summary>Adds an event.</summary>
    public void Hear(object message) => _heard.Writer.TryWrite(message);
}

/// <summary>Passes on every event that a person watching a run wants to see.</summary>
public sealed class RunWatcherConsumer(RunEvents events) :
    IConsumer<RunStarted>, IConsumer<RunRefused>, IConsumer<RunCompleted>, IConsumer<RunFailed>,
    IConsumer<RunCancelled>, IConsumer<JobDispatched>, IConsumer<JobProgressed>, IConsumer<JobCompleted>,
    IConsumer<JobFailed>
{
    public Task Consume(ConsumeContext<RunStarted> context) => Pass(context.Message);

    public Task Consume(ConsumeContext<RunRefused> context) => Pass(context.Message);

    public Task Consume(ConsumeContext<RunCompleted> context) => Pass(context.Message);

    public Task Consume(ConsumeContext<RunFailed> context) => Pass(context.Message);

    public Task Consume(ConsumeContext<RunCancelled> context) => Pass(context.Message);

    public Task Consume(ConsumeContext<JobDispatched> context) => Pass(context.Message);

    public Task Consume(ConsumeContext<JobProgressed> context) => Pass(context.Message);

    public Task Consume(ConsumeContext<JobCompleted> context) => Pass(context.Message);

    public Task Consume(ConsumeContext<JobFailed> context) => Pass(context.Message);

    private Task Pass(object message)
    {
        events.Hear(message);
        return Task.CompletedTask;
    }
}
