using Microsoft.Extensions.Logging;
using Mlops.Contracts;
using Mlops.Contracts.Evaluations;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Schedules;
using Mlops.Orchestrator.Store;
using Mlops.Platform.Objects;

namespace Mlops.Orchestrator.Champions;

/// <summary>
/// Holds the result of a scheduled run against the champion and announces the verdict, once; killed in the middle and
/// asked again, it comes to the same one.
/// </summary>
internal sealed class ChampionJudge(
    ScheduleStore occurrences, RunQueries queries, ChampionStore champions, ArtifactStore artifacts,
    ILogger<ChampionJudge> log)
{
    public async Task JudgeAsync(Guid runId, ScheduleDefinition schedule, CancellationToken cancellationToken)
    {
        if (await queries.FindAsync(runId, cancellationToken) is not { Status: RunStatus.Completed } run
            || await occurrences.FindAsync(runId, cancellationToken) is not { Verdict: null })
            return;
        var (verdict, champion) = await DecideAsync(run, schedule, cancellationToken);
        log.LogInformation(
            "Run {RunId} of schedule {Schedule} is promoted: {Promoted}, {Reason}",
            runId, schedule.Name, verdict.Promote, verdict.Reason);
        object announced = champion is null
            ? new ChampionKept(runId, schedule.Name, verdict.Reason)
            : new ChampionPromoted(runId, schedule.Name, champion, verdict.Reason);
        await occurrences.JudgeAsync(runId, verdict.Promote, verdict.Reason, announced, cancellationToken);
    }

    private async Task<(ChampionVerdict Verdict, ObjectRef? Champion)> DecideAsync(
        RunState run, ScheduleDefinition schedule, CancellationToken cancellationToken)
    {
        var present = await champions.SettledAsync(schedule.Name, cancellationToken);
        if (present is { } already && already.Champion.RunId == run.RunId)
            return (new(true, already.Champion.Reason), already.Reference);
        if (run.Jobs.LastOrDefault(job => job.Kind == JobKind.Evaluate) is not { Output: { } evaluation } job
            || run.Jobs.Find(each => each.JobId == job.Uses.GetValueOrDefault("pruned")) is not { Output: { } pruned })
            return (new(false, "its recipe evaluates no pruned model, so there is nothing to compare"), null);
        var verdict = await CompareAsync(
            evaluation, present?.Champion.Evaluation, schedule.Primary, cancellationToken);
        if (!verdict.Promote)
            return (verdict, null);
        var champion = new Champion(
            (present?.Champion.Number ?? 0) + 1, schedule.Name, run.RunId, pruned, evaluation, verdict.Reason);
        return (verdict, await champions.PromoteAsync(champion, present?.Reference, cancellationToken));
    }

    private async Task<ChampionVerdict> CompareAsync(
        ObjectRef challenger, ObjectRef? champion, string? primary, CancellationToken cancellationToken)
    {
        try
        {
            return ChampionRules.Judge(
                await ReadAsync(challenger, cancellationToken),
                champion is null ? null : await ReadAsync(champion, cancellationToken), primary);
        }
        catch (Exception exception) when (exception is InvalidDataException or FileNotFoundException)
        {
            // What cannot be read now never can; the verdict says so instead of being sought for ever.
            return new(false, $"the measurements cannot be read: {exception.Message}");
        }
    }

    private async Task<EvaluationReport> ReadAsync(ObjectRef reference, CancellationToken cancellationToken) =>
        EvaluationReport.Load(await artifacts.FetchAsync(reference, cancellationToken));
}
