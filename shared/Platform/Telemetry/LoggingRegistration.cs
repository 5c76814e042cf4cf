using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Platform.Hosting;
using Serilog;
using Serilog.Events;

namespace Mlops.Platform.Telemetry;

/// <summary>Structured logs through Serilog: a file per day, and the console and Seq if wanted.</summary>
internal static class LoggingRegistration
{
    // What Seq misses is kept up to this size; then the oldest of it goes.
    private const long BufferBytes = 256 << 20, RefusedBytes = 16 << 20;

    // So few that a slow line carries them before the receiver counts as unavailable.
    private const int LinesPerPost = 250;

    private const string Template =
        "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} {Level:u3} {TraceId} {SourceContext} {Message:lj} "
        + "{Properties:j}{NewLine}{Exception}";

    /// <summary>Replaces the logging of the host.</summary>
    public static IServiceCollection AddMlopsLogging(
        this IServiceCollection services, PlatformOptions options, TelemetrySource source)
    {
        services.AddSingleton(_ => SeqBuffer.Take(Path.Combine(options.Folder("logs"), "seq")));
        return services.AddLogging().AddSerilog(
            (provider, logs) =>
            {
                Configure(logs, options);
                if (options.Connections.Telemetry is { } seq)
                    Send(logs, seq, source, provider);
            },
            preserveStaticLogger: true);
    }

    private static void Configure(LoggerConfiguration logs, PlatformOptions options)
    {
        // The level filters of the host do not reach Serilog, so they are set here.
        logs
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("MassTransit", LogEventLevel.Warning)
            // Repeats, with its stack, what the boundary of the process says in one sentence.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal)
            .Filter.ByExcluding(IsOfBusThatNeverStarted)
            .Enrich.FromLogContext()
            .WriteTo.File(
                Path.Combine(options.Folder("logs"), "mlops-.log"), rollingInterval: RollingInterval.Day,
                retainedFileCountLimit: 14, shared: true, outputTemplate: Template);
        if (options.LogToConsole)
            logs.WriteTo.Console();
    }

    // What is asked for here is made before the logger and so is there until the last line was sent.
    private static void Send(
        LoggerConfiguration logs, TelemetryOptions seq, TelemetrySource source, IServiceProvider provider) =>
        logs.WriteTo.Seq(
            seq.Endpoint.GetLeftPart(UriPartial.Authority), apiKey: seq.ApiKey, batchPostingLimit: LinesPerPost,
            bufferBaseFilename: Path.Combine(provider.GetRequiredService<SeqBuffer>().Folder, "lines"),
            bufferSizeLimitBytes: BufferBytes, retainedInvalidPayloadsLimitBytes: RefusedBytes,
            messageHandler: provider.GetRequiredService<ReceiverWatch>().Handler(),
            payloadFormatter: new SeqFormatter(source));

    // The broker refused us or another part could not begin; the process ends, and says why in a sentence.
    private static bool IsOfBusThatNeverStarted(LogEvent entry) =>
        entry.MessageTemplate.Text.StartsWith("Failed to stop bus", StringComparison.Ordinal)
        && entry.RenderMessage(CultureInfo.InvariantCulture).Contains("Not Started", StringComparison.Ordinal);
}
