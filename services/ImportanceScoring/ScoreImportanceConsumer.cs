using MassTransit;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Platform.Jobs;

namespace Mlops.ImportanceScoring;

/// <summary>Owner of the command <see cref="ScoreImportance"/>.</summary>
public sealed class ScoreImportanceConsumer(JobRunner jobs, ImportanceScorer scorer) : IConsumer<ScoreImportance>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ScoreImportance> context) => jobs.RunAsync(
        context.Message.RunId, context.Message.Job, scorer,
        result => new ImportanceScored(context.Message.RunId, result), context.CancellationToken);
}
