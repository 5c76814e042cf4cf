using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Orchestrator.History;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.Messages;

/// <summary>
/// Looks after what nothing else would notice: a history that grows for ever, and commands that were lost on their way,
/// say in a queue of dead letters. A worker that gets such a command twice finds the second one stale.
/// </summary>
internal sealed class Housekeeping(
    RunHistory history, RunDecisions decisions, TimeProvider time, ILogger<Housekeeping> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
            await TidyAsync(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task TidyAsync(CancellationToken stoppingToken)
    {
        try
        {
            await history.ForgetOldMessagesAsync(stoppingToken);
            var since = history.Now - (long)Period.TotalMilliseconds;
            foreach (var runId in await history.OpenRunsAsync(stoppingToken))
                await history.ApplyAsync(
                    runId, messageId: null, state => decisions.Remind(state, since, history.Now), stoppingToken);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // The boundary to the disk: what was not done now is done in an hour.
            log.LogWarning(exception, "The history could not be looked after; trying again in an hour");
        }
    }
}
