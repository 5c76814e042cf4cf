using System.Runtime.ExceptionServices;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Platform.Bus;
using Mlops.Platform.Errors;

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
    public static Task<int> RunAsync(ServiceModule module) => RunAsync(AnyFreePort, () => module);

    /// <summary>Runs a module at an address of its own unless <c>MLOPS_HTTP</c> names another.</summary>
    /// <returns>The exit code: 2 if the settings are to blame.</returns>
    public static async Task<int> RunAsync(string address, Func<ServiceModule> module)
    {
        try
        {
            await RunAsync(PlatformOptions.FromEnvironment(), Address(address), [module()], CancellationToken.None);
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
        await app.StartAsync(cancellationToken);
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
        builder.Services.AddMlops(options, modules);
        var app = builder.Build();
        app.UseRouting();
        app.MapGet("/health/live", () => "alive");
        app.MapGet("/health/ready", Ready);
        foreach (var module in modules)
            module.MapEndpoints(app);
        return app;
    }

    /// <summary>The listening address: <c>MLOPS_HTTP</c>, or the one that is given.</summary>
    public static string Address(string otherwise) =>
        Environment.GetEnvironmentVariable("MLOPS_HTTP") is { Length: > 0 } address ? address : otherwise;

    // The host stops when one of its background services fails, but keeps the reason to itself.
    private static void ThrowIfBroken(IServiceProvider services)
    {
        var broken = services.GetServices<IHostedService>().OfType<BackgroundService>()
            .Select(service => service.ExecuteTask?.Exception?.InnerException).FirstOrDefault(e => e is not null);
        if (broken is not null)
            ExceptionDispatchInfo.Throw(broken);
    }

    private static IResult Ready(IBusControl bus)
    {
        var health = bus.CheckHealth();
        return health.Status == BusHealthStatus.Healthy
            ? Results.Text("ready")
            : Results.Text($"the bus is {health.Status}: {health.Description}", statusCode: 503);
    }
}
