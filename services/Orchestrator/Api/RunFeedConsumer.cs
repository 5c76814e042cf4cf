using MassTransit;
using Mlops.Contracts.Events;

namespace Mlops.Orchestrator.Api;

/// <summary>Takes every event that a subscriber of a run wants to see.</summary>
public sealed class RunFeedConsumer(RunFeed feed) :
    IConsumer<RunStarted>, IConsumer<RunCompleted>, IConsumer<RunFailed>, IConsumer<RunCancelled>,
    IConsumer<JobDispatched>, IConsumer<JobProgressed>, IConsumer<JobCompleted>, IConsumer<JobFailed>
{
    public Task Consume(ConsumeContext<RunStarted> context) => Pass(context.Message.RunId, context.Message);

    public Task Consume(ConsumeContext<RunCompleted> context) => Pass(context.Message.RunId, context.Message);

    public Task Consume(ConsumeContext<RunFailed> context) => Pass(context.Message.RunId, context.Message);

    public Task Consume(ConsumeContext<RunCancelled> context) => Pass(context.Message.RunId, context.Message);

    public Task Consume(ConsumeContext<JobDispatched> context) => Pass(context.Message.RunId, context.Message);

    public Task Consume(ConsumeContext<JobProgressed> context) => Pass(context.Message.RunId, context.Message);

    public Task Consume(ConsumeContext<JobCompleted> context) => Pass(context.Message.RunId, context.Message);

    public Task Consume(ConsumeContext<JobFailed> context) => Pass(context.Message.RunId, context.Message);

    private Task Pass(Guid runId, object message)
    {
        feed.Publish(runId, message);
        return Task.CompletedTask;
    }
}
