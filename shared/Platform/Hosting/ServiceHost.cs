using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Platform.Bus;
using Mlops.Platform.Configuration;
using Mlops.Platform.Errors;
using OpenTelemetry.Metrics;

namespace Mlops.Platform.Hosting;

/// <summary>
/// The program of a service on its own: everything from the environment, health over HTTP, and one sentence instead of
/// a stack trace when it cannot start.
/// </summary>
public static class ServiceHost
{
    private const string AnyFreePort = "http://127.0.0.1:0";
    private const int Success = 0, Failure = 1, BadInput = 2;

    // For a running job to reach its next checkpoint; a supervisor must grant a little more than that.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(100);

    /// <summary>Runs a module until the process is asked to stop.</summary>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(ServiceModule module) => RunAsync(AnyFreePort, _ => module);

    /// <summary>Runs a module at an address of its own unless <c>MLOPS_HTTP</c> names another.</summary>
    /// <returns>The exit code: 2 if the settings are to blame.</returns>
    public static async Task<int> RunAsync(string address, Func<IConfiguration, ServiceModule> module)
    {
        try
        {
            var settings = Settings.Load();
            await RunAsync(
                PlatformOptions.From(settings), Address(settings, address), [module(settings)], CancellationToken.None);
            return Success;
        }
        catch (Exception exception)
        {
            // The boundary of the process.
            await Console.Error.WriteLineAsync($"mlops: {Failures.ReasonOf(exception)}");
            return Failures.KindOf(exception, stopRequested: false) == Contracts.FailureKind.Permanent
                ? BadInput
                : Failure;
        }
    }

    /// <summary>Runs modules until the process is asked to stop, or fails with what broke one of them.</summary>
    public static async Task RunAsync(
        PlatformOptions options, string address, IReadOnlyList<ServiceModule> modules,
        CancellationToken cancellationToken)
    {
        await using var app = Build(options, address, modules);
        // Not the library's RunAsync, which disposes of the services before they can be asked what broke.
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is AddressInUseException)
        {
            // What has started ends as in a shutdown, without an error of its own.
            await app.StopAsync(CancellationToken.None);
            throw new ArgumentException(
                $"the address {address} is in use by another program; stop that, or choose another one in MLOPS_HTTP",
                exception);
        }
        app.Logger.LogInformation("Listening on {Address}", string.Join(" ", app.Urls));
        await app.WaitForShutdownAsync(cancellationToken);
        ThrowIfBroken(app.Services);
    }

    /// <summary>The modules as an application that listens.</summary>
    /// <param name="address">Where it listens: <c>http://127.0.0.1:8480</c>.</param>
    public static WebApplication Build(
        PlatformOptions options, string address, IReadOnlyList<ServiceModule> modules)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(address);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.AddRouting();
        builder.Services.AddAuthorization();
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<FailureHandler>();
        // A page of another site can give its own name our address; what only this machine reaches answers to no other.
        builder.Services.AddHostFiltering(filter => filter.AllowedHosts = ApiOptions.HostsAt(address));
        // The bus adds its own check.
        builder.Services.AddHealthChecks();
        builder.Services.AddMlops(options, modules);
        builder.Services.ConfigureOpenTelemetryMeterProvider(metrics => metrics.AddPrometheusExporter());
        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseHostFiltering();
        app.UseRouting();
        app.UseAuthorization();
        app.MapHealthChecks("/health/live", new() { Predicate = _ => false });
        app.MapHealthChecks("/health/ready", Readiness());
        app.MapPrometheusScrapingEndpoint();
        foreach (var module in modules)
            module.MapEndpoints(app);
        return app;
    }

    /// <summary>The listening address: <c>MLOPS_HTTP</c>, or the one that is given.</summary>
    public static string Address(IConfiguration settings, string otherwise) =>
        settings.Text("MLOPS_HTTP") ?? otherwise;

    // The host stops when one of its background services fails, but keeps the reason to itself.
    private static void ThrowIfBroken(IServiceProvider services)
    {
        var broken = services.GetServices<IHostedService>().OfType<BackgroundService>()
            .Select(service => service.ExecuteTask?.Exception?.InnerException).FirstOrDefault(e => e is not null);
        if (broken is not null)
            ExceptionDispatchInfo.Throw(broken);
    }

    private static HealthCheckOptions Readiness() => new()
    {
        // A bus that is about to connect again takes no work.
        ResultStatusCodes = { [HealthStatus.Degraded] = StatusCodes.Status503ServiceUnavailable },
        ResponseWriter = (context, report) => context.Response.WriteAsync(
            report.Status == HealthStatus.Healthy
                ? "ready"
                : string.Join("; ", report.Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy)
                    .Select(entry => $"{entry.Key} is {entry.Value.Status}: {entry.Value.Description}"))),
    };
}
