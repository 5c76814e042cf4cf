using MassTransit;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;

namespace Mlops.Orchestrator.Messages;

/// <summary>Hears everything that moves a run.</summary>
public sealed class OrchestratorConsumer(RunMessages runs) :
    IConsumer<StartRun>, IConsumer<ResumeRun>, IConsumer<CancelRun>, IConsumer<ClaimLease>, IConsumer<JobProgressed>,
    IConsumer<ImportanceScored>, IConsumer<ScheduleSearched>, IConsumer<CoFinetuned>, IConsumer<SparseExported>,
    IConsumer<Evaluated>, IConsumer<JobFailed>
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

    public Task Consume(ConsumeContext<ImportanceScored> context) =>
        Complete(context, JobKind.ScoreImportance, context.Message.RunId, context.Message.Result);

    public Task Consume(ConsumeContext<ScheduleSearched> context) =>
        Complete(context, JobKind.SearchSchedule, context.Message.RunId, context.Message.Result);

    public Task Consume(ConsumeContext<CoFinetuned> context) =>
        Complete(context, JobKind.CoFinetune, context.Message.RunId, context.Message.Result);

    public Task Consume(ConsumeContext<SparseExported> context) =>
        Complete(context, JobKind.ExportSparse, context.Message.RunId, context.Message.Result);

    public Task Consume(ConsumeContext<Evaluated> context) =>
        Complete(context, JobKind.Evaluate, context.Message.RunId, context.Message.Result);

    public Task Consume(ConsumeContext<JobFailed> context) =>
        runs.HandleAsync(context.Message, context.MessageId, context.CancellationToken);

    private Task Complete(ConsumeContext context, JobKind kind, Guid runId, JobResult result) =>
        runs.HandleAsync(runId, kind, result, context.MessageId, context.CancellationToken);
}
