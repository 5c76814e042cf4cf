using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Orchestrator.History;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.Messages;

/// <summary>
/// Says every few minutes, while runs are under way, how they stand: alerts on a log see what never happened, such as a
/// job that no worker takes.
/// </summary>
internal sealed class Pulse(RunHistory history, OrchestratorOptions options, TimeProvider time, ILogger<Pulse> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.PulsePeriod, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                Beat();
            }
            catch (Exception exception)
            {
                // The boundary to the disk: the next beat is minutes away, and the process has other work.
                log.LogWarning(exception, "The history could not be read for the pulse");
            }
        }
    }

    private void Beat()
    {
        if (history.OpenJobs() is not { Count: > 0 } jobs)
            return;
        log.LogInformation(
            "Queue age {QueueAgeSeconds:0} s, {LiveLeases} leases, {OutboxLength} messages to send, "
            + "{OpenRuns} open runs",
            history.WaitingSince().SelectMany(since => since).Select(SecondsSince).DefaultIfEmpty().Max(),
            jobs.Count(job => job.Status == JobStatus.Running), history.OutboxLength(),
            jobs.DistinctBy(job => job.RunId).Count());
    }

    private double SecondsSince(long then) => Math.Max(0, history.Now - then) / 1000.0;
}
