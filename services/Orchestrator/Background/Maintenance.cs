using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Orchestrator.Handlers;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Store;

namespace Mlops.Orchestrator.Background;

/// <summary>
/// Cares for what nothing else would notice: an inbox that grows for ever, and commands that were lost on their way,
/// say in a queue of dead letters. A worker that gets such a command twice finds the second one stale.
/// </summary>
internal sealed class Maintenance(
    StateStore store, OpenWork open, RunTransitions runs, RunDecisions decisions, TimeProvider time,
    ILogger<Maintenance> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
            await MaintainAsync(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task MaintainAsync(CancellationToken stoppingToken)
    {
        try
        {
            await open.ForgetOldMessagesAsync(stoppingToken);
            var since = store.Now - (long)Period.TotalMilliseconds;
            foreach (var runId in await open.RunsAsync(stoppingToken))
                await runs.ApplyAsync(
                    runId, messageId: null, state => decisions.Redispatch(state, since, store.Now), stoppingToken);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // The boundary to the disk: what was not done now is done in an hour.
            log.LogWarning(exception, "Maintenance failed; trying again in an hour");
        }
    }
}
