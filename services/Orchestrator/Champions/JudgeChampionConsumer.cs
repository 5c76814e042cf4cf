using MassTransit;
using Mlops.Contracts.Commands;

namespace Mlops.Orchestrator.Champions;

/// <summary>Judges the results of nights, one after the other.</summary>
internal sealed class JudgeChampionConsumer(ChampionJudge judge) : IConsumer<JudgeChampion>
{
    public Task Consume(ConsumeContext<JudgeChampion> context) =>
        judge.JudgeAsync(context.Message.RunId, context.Message.Schedule, context.CancellationToken);
}
