using MassTransit;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Platform.Jobs;

namespace Mlops.Evaluation;

/// <summary>Owner of the command <see cref="Evaluate"/>.</summary>
public sealed class EvaluateConsumer(JobRunner jobs, Evaluator evaluator) : IConsumer<Evaluate>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<Evaluate> context) => jobs.RunAsync(
        context.Message.RunId, context.Message.Job, evaluator,
        result => new Evaluated(context.Message.RunId, result), context.CancellationToken);
}
