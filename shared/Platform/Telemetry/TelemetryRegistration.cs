using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Mlops.Platform.Telemetry;

/// <summary>Traces and metrics over OTLP, to the one address that was configured, and metrics to scrape.</summary>
internal static class TelemetryRegistration
{
    private const string BusSource = "MassTransit";
    private const int MetricPeriodMs = 15_000;

    // Polled every few seconds by probes and autoscalers.
    private static readonly PathString[] Polled = ["/health", "/demand", "/metrics"];

    /// <summary>Registers metrics, and with an address the exporters to it.</summary>
    public static IServiceCollection AddMlopsTelemetry(
        this IServiceCollection services, TelemetryOptions? options, TelemetrySource source)
    {
        var telemetry = services.AddOpenTelemetry()
            // Cleared, because the default would also send whatever OTEL_RESOURCE_ATTRIBUTES says.
            .ConfigureResource(resource => resource.Clear().AddService(
                source.Service, TelemetrySource.Namespace, TelemetrySource.Version, serviceInstanceId: source.Instance))
            .WithMetrics(metrics => metrics
                // Not the meter of the bus: its labels hold the names of temporary queues, new ones with every process.
                .AddMeter(TelemetryNames.Meter)
                .AddRuntimeInstrumentation());
        if (options is null)
            return services;
        var watch = new ReceiverWatch(options.Endpoint);
        telemetry
            .WithTracing(traces => traces
                .SetSampler(new HeartbeatSpanFilter())
                .AddSource(TelemetryNames.Spans, BusSource)
                .AddAspNetCoreInstrumentation(requests => requests.Filter = IsNotPolled)
                .AddHttpClientInstrumentation(calls => calls.EnrichWithHttpResponseMessage = Judge)
                .AddOtlpExporter(target => Aim(target, "traces")))
            .WithMetrics(metrics => metrics.AddOtlpExporter((target, reader) =>
            {
                Aim(target, "metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = MetricPeriodMs;
            }));
        return services.AddSingleton(watch).AddHostedService<TelemetryEnd>();

        void Aim(OtlpExporterOptions target, string signal)
        {
            target.Protocol = OtlpExportProtocol.HttpProtobuf;
            target.Endpoint = new Uri(options.Endpoint, $"/ingest/otlp/v1/{signal}");
            target.Headers = options.ApiKey is { } key ? $"X-Seq-ApiKey={key}" : null;
            target.HttpClientFactory = () => new HttpClient(watch.Handler());
        }
    }

    // What the object store does not have or has already is an answer; Seq would list it among the errors.
    private static void Judge(Activity span, HttpResponseMessage response)
    {
        if (response.StatusCode < HttpStatusCode.InternalServerError)
            span.SetStatus(ActivityStatusCode.Unset);
    }

    private static bool IsNotPolled(HttpContext context) =>
        !Polled.Any(path => context.Request.Path.StartsWithSegments(path));
}
