using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlops.Platform.Hosting;
using Serilog;
using Serilog.Events;

namespace Mlops.Platform.Telemetry;

/// <summary>Structured logs through Serilog: a file per day, and the console if wanted.</summary>
public static class LoggingRegistration
{
    private const string Template =
        "{Timestamp:yyyy-MM-dd HH:mm:ss.fff} {Level:u3} {TraceId} {SourceContext} {Message:lj} " +
        "{Properties:j}{NewLine}{Exception}";

    /// <summary>Replaces the logging of the host.</summary>
    public static IServiceCollection AddMlopsLogging(this IServiceCollection services, PlatformOptions options)
    {
        // The level filters of the host do not reach Serilog, so they are set here.
        var configuration = new LoggerConfiguration()
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
            configuration.WriteTo.Console();
        return services.AddLogging(
            logging => logging.ClearProviders().AddSerilog(configuration.CreateLogger(), dispose: true));
    }

    // The broker refused us or another part could not begin; the process ends, and says why in a sentence.
    private static bool IsOfBusThatNeverStarted(LogEvent entry) =>
        entry.MessageTemplate.Text.StartsWith("Failed to stop bus", StringComparison.Ordinal)
        && entry.RenderMessage(CultureInfo.InvariantCulture).Contains("Not Started", StringComparison.Ordinal);
}
