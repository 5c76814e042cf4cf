using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Store;
using Mlops.Platform.Bus;
using Mlops.Platform.Telemetry;

namespace Mlops.Orchestrator.Background;

/// <summary>How things stand, as metrics. Nothing is looked up unless somebody collects them.</summary>
internal sealed class RunGauges(RunMetrics metrics, OrchestratorOptions options)
    : IHostedService, IDisposable
{
    private readonly Meter _meter = new(TelemetryNames.Meter);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _meter.CreateObservableGauge(
            TelemetryNames.QueueAge, QueueAges, "s", "Age of the oldest job that waits for a worker, by kind");
        _meter.CreateObservableGauge(
            TelemetryNames.LiveLeases, () => Running().Count(), "{lease}", "Jobs that a worker holds");
        _meter.CreateObservableGauge(
            TelemetryNames.HeartbeatAge, HeartbeatAge, "s", "Age of the oldest heartbeat of a worker with a lease");
        _meter.CreateObservableGauge(TelemetryNames.Runs, Runs, "{run}", "Runs in the history, by status");
        _meter.CreateObservableGauge(
            TelemetryNames.OutboxLength, metrics.OutboxLength, "{message}", "Messages that are still to be sent");
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _meter.Dispose();

    // A kind without a waiting job is 0 rather than absent: an alert must see it fall.
    private IEnumerable<Measurement<double>> QueueAges()
    {
        var waiting = metrics.WaitingSince();
        foreach (var kind in Enum.GetValues<Contracts.JobKind>())
            yield return new(
                waiting[kind].Select(metrics.SecondsSince).DefaultIfEmpty(0).Max(),
                new KeyValuePair<string, object?>(TelemetryNames.Kind, Endpoints.QueueOf(kind)));
    }

    private double HeartbeatAge()
    {
        var leaseMs = (long)options.Lease.TotalMilliseconds;
        return Running().Select(job => metrics.SecondsSince(job.State.LeaseUntilMs!.Value - leaseMs))
            .DefaultIfEmpty(0).Max();
    }

    private IEnumerable<Measurement<int>> Runs()
    {
        var counts = metrics.RunsByStatus();
        return Enum.GetValues<RunStatus>().Select(status => new Measurement<int>(
            counts.GetValueOrDefault(status),
            new KeyValuePair<string, object?>(TelemetryNames.Status, status.ToString())));
    }

    private IEnumerable<JobRow> Running() =>
        metrics.OpenJobs()
            .Where(job => job.State is { Status: JobStatus.Running, LeaseUntilMs: not null });
}
