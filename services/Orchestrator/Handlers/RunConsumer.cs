using MassTransit;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator.Submission;

namespace Mlops.Orchestrator.Handlers;

/// <summary>Starts, resumes and cancels runs.</summary>
public sealed class RunConsumer(RunTransitions runs, RunSubmission submission) :
    IConsumer<StartRun>, IConsumer<ResumeRun>, IConsumer<CancelRun>
{
    public async Task Consume(ConsumeContext<StartRun> context)
    {
        var result = await submission.SubmitAsync(context.Message, digest: null, context.CancellationToken);
        await submission.AnnounceAsync(result, context.MessageId, context.CancellationToken);
    }

    public Task Consume(ConsumeContext<ResumeRun> context) =>
        runs.ResumeAsync(context.Message, context.MessageId, context.CancellationToken);

    public Task Consume(ConsumeContext<CancelRun> context) =>
        runs.CancelAsync(context.Message, context.MessageId, context.CancellationToken);
}
