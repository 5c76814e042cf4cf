using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mlops.Platform.Jobs;

/// <summary>Ends a process that had nothing to do for the time of <see cref="WorkerOptions.ExitWhenIdle"/>.</summary>
internal sealed class IdleExit(
    JobRunner jobs, ComputeSlot compute, WorkerOptions options, IHostApplicationLifetime lifetime, TimeProvider time,
    ILogger<IdleExit> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.ExitWhenIdle is not { } limit)
            return;
        using var timer = new PeriodicTimer(Period, time);
        var idle = new IdleTime(jobs, compute, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            if (idle.Look() >= limit)
            {
                // A job delivered in this very moment goes back to its queue when the connection closes.
                log.LogInformation("Nothing to do for {Seconds:0} s; ending", limit.TotalSeconds);
                lifetime.StopApplication();
                return;
            }
    }
}
