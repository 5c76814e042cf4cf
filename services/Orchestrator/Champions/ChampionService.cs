using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Orchestrator.Schedules;
using Mlops.Orchestrator.Store;

namespace Mlops.Orchestrator.Champions;

/// <summary>
/// Has the results of scheduled runs judged, one after the other: each verdict is about the champion that the one
/// before it left. What is to be judged follows from the store, so a process that ends in between forgets nothing.
/// </summary>
internal sealed class ChampionService(
    StateStore store, ScheduleStore occurrences, ScheduleTimer timer, ChampionJudge judge, TimeProvider time,
    ILogger<ChampionService> log) : BackgroundService
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await GuardAsync(
                async () =>
                {
                    // Each by itself: a champion that is lost keeps no other schedule from being judged.
                    foreach (var schedule in await timer.ListAsync(stoppingToken))
                        if (schedule.Champion)
                            await GuardAsync(() => JudgeAllAsync(schedule, stoppingToken), stoppingToken);
                },
                stoppingToken);
            await store.RunsCompleted.WaitAsync(RetryPause, time, stoppingToken);
        }
    }

    private async Task JudgeAllAsync(ScheduleDefinition schedule, CancellationToken cancellationToken)
    {
        foreach (var runId in await occurrences.UnjudgedAsync(schedule.Name, cancellationToken))
            await judge.JudgeAsync(runId, schedule, cancellationToken);
    }

    // The boundary to disk and object store: the result is judged a while later.
    private async Task GuardAsync(Func<Task> work, CancellationToken stoppingToken)
    {
        try
        {
            await work();
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            log.LogWarning(exception, "A result could not be judged; trying again in a minute");
        }
    }
}
