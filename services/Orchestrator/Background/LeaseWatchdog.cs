using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Orchestrator.Handlers;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Store;
using Mlops.Platform.Telemetry;

namespace Mlops.Orchestrator.Background;

/// <summary>
/// Finds expired leases, and jobs that wait for a duplicate that nobody does. It expires none until heartbeats could
/// have arrived and been kept for a whole lease: not right after a start, a broken bus, a full disk, a jump of the
/// clock, or a while in which this process stood still itself.
/// </summary>
internal sealed class LeaseWatchdog(
    StateStore store, OpenWork open, RunTransitions runs, RunDecisions decisions, IBusControl bus,
    OrchestratorOptions options, TimeProvider time, ILogger<LeaseWatchdog> log) : BackgroundService
{
    private static readonly TimeSpan LongestStandstill = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.WatchdogPeriod, time);
        var calmSince = time.GetTimestamp();
        var (wall, steady) = (time.GetUtcNow(), time.GetTimestamp());
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var pause = time.GetElapsedTime(steady);
            var drift = time.GetUtcNow() - wall - pause;
            (wall, steady) = (time.GetUtcNow(), time.GetTimestamp());
            if (drift.Duration() > RunDecisions.LargestClockDrift || pause > options.WatchdogPeriod + LongestStandstill
                || !store.IsWritable || bus.CheckHealth().Status != BusHealthStatus.Healthy)
                calmSince = steady;
            await LookAsync(isCalm: time.GetElapsedTime(calmSince) >= options.Lease, stoppingToken);
        }
    }

    private async Task LookAsync(bool isCalm, CancellationToken stoppingToken)
    {
        try
        {
            if (!store.IsWritable)
                await store.ProbeAsync(stoppingToken);
            if (await open.OrphanedKeysAsync(stoppingToken) is { Count: > 0 })
                await store.TransactAsync(ReleaseOrphansAsync, stoppingToken);
            if (isCalm)
                await ExpireAsync(stoppingToken);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            // The boundary to the disk: the next look is a period away, and the process has other work.
            log.LogWarning(exception, "The leases could not be looked at; trying again");
        }
    }

    private async Task ReleaseOrphansAsync(StateTransaction transaction)
    {
        // Asked again: since the look, a duplicate may have been claimed.
        foreach (var key in await OpenWork.OrphanedKeysAsync(transaction.Rows, CancellationToken.None))
            await runs.ReleaseAsync(transaction, key, atMost: 1, CancellationToken.None);
    }

    private async Task ExpireAsync(CancellationToken cancellationToken)
    {
        foreach (var job in await open.ExpiredJobsAsync(options.Lease, cancellationToken))
        {
            var expired = false;
            await runs.ApplyAsync(
                job.RunId, messageId: null,
                state =>
                {
                    var decision = decisions.Expire(
                        state, job.State.JobId, job.State.Attempt, job.State.ExecutionId!.Value, store.Now);
                    // A heartbeat may have come since the look.
                    expired = decision.State is not null;
                    return decision;
                },
                cancellationToken);
            if (!expired)
                continue;
            JobTelemetry.LeaseLost();
            log.LogWarning(
                "The lease of worker {WorkerId} for {JobId} of run {RunId} expired", job.State.WorkerId,
                job.State.JobId, job.RunId);
        }
    }
}
