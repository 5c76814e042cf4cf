using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Store;

namespace Mlops.Orchestrator.Background;

/// <summary>
/// Says every few minutes, while runs are under way, how they stand: alerts on a log see what never happened, such as a
/// job that no worker takes.
/// </summary>
internal sealed class RunStatusLogger(
    RunMetrics metrics, OrchestratorOptions options, TimeProvider time,
    ILogger<RunStatusLogger> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.StatusLogPeriod, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                LogStatus();
            }
            catch (Exception exception)
            {
                // The boundary to the disk: the next line is minutes away, and the process has other work.
                log.LogWarning(exception, "The status of the runs could not be read");
            }
        }
    }

    private void LogStatus()
    {
        if (metrics.OpenJobs() is not { Count: > 0 } jobs)
            return;
        log.LogInformation(
            "Queue age {QueueAgeSeconds:0} s, {LiveLeases} leases, {OutboxLength} messages to send, "
            + "{OpenRuns} open runs",
            metrics.WaitingSince().SelectMany(since => since).Select(metrics.SecondsSince).DefaultIfEmpty().Max(),
            jobs.Count(job => job.State.Status == JobStatus.Running), metrics.OutboxLength(),
            jobs.DistinctBy(job => job.RunId).Count());
    }
}
