using MassTransit;
using Mlops.Contracts;

namespace Mlops.Orchestrator.Messages;

/// <summary>Hears that jobs of one kind are done.</summary>
public sealed class JobResultConsumer<TEvent>(RunMessages runs) : IConsumer<TEvent>
    where TEvent : class, IJobEvent
{
    public Task Consume(ConsumeContext<TEvent> context) => runs.HandleAsync(
        context.Message.RunId, JobKinds.Of(typeof(TEvent)).Kind, context.Message.Result, context.MessageId,
        context.CancellationToken);
}
