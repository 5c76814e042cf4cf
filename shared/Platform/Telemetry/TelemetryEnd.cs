using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Mlops.Platform.Telemetry;

/// <summary>
/// Sends what is left when the host stops, while what the metrics tell of is still there, and within a bound: a
/// receiver that is unavailable must hold up nobody.
/// </summary>
internal sealed class TelemetryEnd(
    TracerProvider traces, MeterProvider metrics, ReceiverWatch watch, ILogger<ReceiverWatch> log) : IHostedService
{
    private const int GracePeriodMs = 3000;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        watch.SayTo(log);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        watch.EndSoon();
        return Task.WhenAll(
            Task.Run(() => traces.Shutdown(GracePeriodMs), CancellationToken.None),
            Task.Run(() => metrics.Shutdown(GracePeriodMs), CancellationToken.None));
    }
}
