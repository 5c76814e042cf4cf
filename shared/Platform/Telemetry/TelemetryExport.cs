using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Mlops.Platform.Telemetry;

/// <summary>
/// Begins the export of traces and metrics with the host, and sends what is left when it ends: within a bound, because
/// a receiver that is away must hold up nobody.
/// </summary>
/// <param name="traces">Listens to spans from its making on.</param>
/// <param name="metrics">Listens to instruments from its making on.</param>
/// <param name="watch">Notices that the receiver is away.</param>
/// <param name="log">Says so.</param>
internal sealed class TelemetryExport(
    TracerProvider traces, MeterProvider metrics, ReceiverWatch watch,
    ILogger<TelemetryExport> log) : IHostedService
{
    private const int PatienceMs = 3000;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        watch.SayTo(log);
        return Task.CompletedTask;
    }

    // Shutting down flushes as well; done here, the disposal of the container finds nothing left to wait for.
    public Task StopAsync(CancellationToken cancellationToken)
    {
        watch.EndSoon();
        return Task.WhenAll(
            Task.Run(() => traces.Shutdown(PatienceMs), CancellationToken.None),
            Task.Run(() => metrics.Shutdown(PatienceMs), CancellationToken.None));
    }
}
