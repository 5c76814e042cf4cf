using MassTransit;
using Mlops.Contracts.Commands;

namespace Mlops.Platform.Jobs;

/// <summary>Receives every cancel on an endpoint of this process
/// alone, and stops the execution if it is here.</summary>
public sealed class CancelJobConsumer(JobRunner jobs) : IConsumer<CancelJob>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<CancelJob> context)
    {
        jobs.Cancel(context.Message.ExecutionId);
        return Task.CompletedTask;
    }
}
