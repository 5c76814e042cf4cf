using MassTransit;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Platform.Jobs;

namespace Mlops.CoFinetuning;

/// <summary>Owner of the command <see cref="CoFinetune"/>.</summary>
public sealed class CoFinetuneConsumer(JobRunner jobs, CoFinetuner tuner) : IConsumer<CoFinetune>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<CoFinetune> context) => jobs.RunAsync(
        context.Message.RunId, context.Message.Job, tuner,
        result => new CoFinetuned(context.Message.RunId, result), context.CancellationToken);
}
