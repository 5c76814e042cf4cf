using MassTransit;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;

namespace Mlops.Orchestrator.Messages;

/// <summary>Hears everything that moves a run, besides the results of jobs.</summary>
public sealed class OrchestratorConsumer(RunMessages runs) :
    IConsumer<StartRun>, IConsumer<ResumeRun>, IConsumer<CancelRun>, IConsumer<ClaimLease>, IConsumer<JobProgressed>,
    IConsumer<JobFailed>
{
    public Task Consume(ConsumeContext<StartRun> context) =>
        runs.HandleAsync(context.Message, context.MessageId, context.CancellationToken);

    public Task Consume(ConsumeContext<ResumeRun> context) =>
        runs.HandleAsync(context.Message, context.MessageId, context.CancellationToken);

    public Task Consume(ConsumeContext<CancelRun> context) =>
        runs.HandleAsync(context.Message, context.MessageId, context.CancellationToken);

    public async Task Consume(ConsumeContext<ClaimLease> context) =>
        await context.RespondAsync(await runs.HandleAsync(context.Message, context.CancellationToken));

    public Task Consume(ConsumeContext<JobProgressed> context) =>
        runs.HandleAsync(context.Message, context.CancellationToken);

    public Task Consume(ConsumeContext<JobFailed> context) =>
        runs.HandleAsync(context.Message, context.MessageId, context.CancellationToken);
}
