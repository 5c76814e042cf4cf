using MassTransit;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.History;

namespace Mlops.Orchestrator.Requests;

/// <summary>The public trigger on the bus.</summary>
public sealed class RequestRunConsumer(RunIntake intake, RunHistory history) : IConsumer<RequestRun>
{
    public async Task Consume(ConsumeContext<RequestRun> context)
    {
        var answer = await intake.TakeAsync(context.Message, context.MessageId, context.CancellationToken);
        if (answer.Reason is { } reason)
            await history.EnqueueAsync(
                answer.RunId, new RunRefused(answer.RunId, reason), context.CancellationToken);
    }
}
