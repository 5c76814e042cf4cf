using MassTransit;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.ScheduleSearch.Probing;

namespace Mlops.ScheduleSearch;

/// <summary>Scores one candidate and responds; any number of workers may consume.</summary>
public sealed class EvaluateCandidateConsumer(CandidateScoring scoring) : IConsumer<EvaluateCandidate>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<EvaluateCandidate> context)
    {
        var candidate = context.Message;
        var fitness = await scoring.ScoreAsync(candidate, context.CancellationToken);
        await context.RespondAsync(
            new CandidateEvaluated(candidate.RunId, candidate.JobId, candidate.Levels, fitness));
    }
}
