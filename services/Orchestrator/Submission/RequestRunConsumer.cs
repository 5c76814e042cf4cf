using MassTransit;
using Mlops.Contracts.Commands;

namespace Mlops.Orchestrator.Submission;

/// <summary>The public trigger on the bus.</summary>
public sealed class RequestRunConsumer(RunRequests requests, RunSubmission submission) : IConsumer<RequestRun>
{
    public async Task Consume(ConsumeContext<RequestRun> context)
    {
        var result = await requests.SubmitAsync(context.Message, context.MessageId, context.CancellationToken);
        await submission.AnnounceAsync(result, context.MessageId, context.CancellationToken);
    }
}
