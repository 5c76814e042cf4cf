using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Orchestrator.History;

namespace Mlops.Orchestrator.Messages;

/// <summary>Keeps the history from growing for ever.</summary>
/// <param name="history">What is kept small.</param>
/// <param name="time">Paces it.</param>
/// <param name="log">Says when it did not work.</param>
internal sealed class Housekeeping(RunHistory history, TimeProvider time, ILogger<Housekeeping> log) : BackgroundService
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
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // The boundary to the disk: what is not forgotten now is forgotten in an hour.
            log.LogWarning(exception, "Old messages could not be forgotten; trying again later");
        }
    }
}
