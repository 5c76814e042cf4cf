using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Mlops.Platform.Telemetry;

/// <summary>Traces and metrics over OTLP, to the one address that was configured.</summary>
internal static class TelemetryRegistration
{
    private const string BusSource = "MassTransit";

    private const int ExportTimeoutMs = 3000;
    private const int MetricPeriodMs = 15_000;

    /// <summary>Registers the exporters; nothing at all without an address.</summary>
    /// <param name="services">Where.</param>
    /// <param name="options">The address; null for none.</param>
    /// <param name="source">Who sends.</param>
    public static IServiceCollection AddMlopsTelemetry(
        this IServiceCollection services, TelemetryOptions? options, TelemetrySource source)
    {
        if (options is null)
            return services;
        var watch = new ReceiverWatch(options.Endpoint);
        // Made from nothing, because the default would also send whatever OTEL_RESOURCE_ATTRIBUTES says.
        var resource = ResourceBuilder.CreateEmpty().AddService(
            source.Service, TelemetrySource.Namespace, TelemetrySource.Version, serviceInstanceId: source.Instance);
        services.AddSingleton(_ => Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource)
            .SetSampler(new WithoutSignsOfLife())
            .AddSource(TelemetryNames.Spans, BusSource)
            .AddOtlpExporter(target => Aim(target, "traces")).Build());
        services.AddSingleton(_ => Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource)
            // Not the meter of the bus: its labels hold the names of temporary queues, new ones with every process.
            .AddMeter(TelemetryNames.Meter)
            .AddOtlpExporter((target, reader) =>
            {
                Aim(target, "metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = MetricPeriodMs;
                reader.PeriodicExportingMetricReaderOptions.ExportTimeoutMilliseconds = ExportTimeoutMs;
            }).Build());
        return services.AddSingleton(watch).AddHostedService<TelemetryExport>();

        void Aim(OtlpExporterOptions target, string signal)
        {
            target.Protocol = OtlpExportProtocol.HttpProtobuf;
            target.Endpoint = new Uri(options.Endpoint, $"/ingest/otlp/v1/{signal}");
            target.TimeoutMilliseconds = ExportTimeoutMs;
            target.Headers = options.ApiKey is { } key ? $"X-Seq-ApiKey={key}" : null;
            target.HttpClientFactory = () => new HttpClient(watch.Handler());
        }
    }
}
