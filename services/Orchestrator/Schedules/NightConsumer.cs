using MassTransit;
using Mlops.Contracts.Events;

namespace Mlops.Orchestrator.Schedules;

/// <summary>Hears when runs begin and end, for the nights that wait for it.</summary>
internal sealed class NightConsumer(NightKeeper nights) :
    IConsumer<RunStarted>, IConsumer<RunCompleted>, IConsumer<RunFailed>, IConsumer<RunCancelled>, IConsumer<RunRefused>
{
    public Task Consume(ConsumeContext<RunStarted> context) =>
        nights.HearAsync(context.Message.RunId, context.CancellationToken);

    public Task Consume(ConsumeContext<RunCompleted> context) =>
        nights.HearAsync(context.Message.RunId, context.CancellationToken);

    public Task Consume(ConsumeContext<RunFailed> context) =>
        nights.HearAsync(context.Message.RunId, context.CancellationToken);

    public Task Consume(ConsumeContext<RunCancelled> context) =>
        nights.HearAsync(context.Message.RunId, context.CancellationToken);

    public Task Consume(ConsumeContext<RunRefused> context) =>
        nights.RefuseAsync(context.Message.RunId, context.Message.Reason, context.CancellationToken);
}
