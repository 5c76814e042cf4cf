using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mlops.Orchestrator.Schedules;

/// <summary>
/// Looks at all schedules once an hour, for what no alarm and no event would tell: commands that were lost on their
/// way, say in a queue of dead letters, and alarms that were set by a clock that ran ahead.
/// </summary>
internal sealed class NightRounds(NightKeeper nights, TimeProvider time, ILogger<NightRounds> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            try
            {
                await nights.LookAtAllAsync(again: true, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The boundary to the disk: what was not done now is done in an hour.
                log.LogWarning(exception, "The schedules could not be looked at; trying again in an hour");
            }
    }
}
