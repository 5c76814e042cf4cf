using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Mlops.Platform.Bus;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Mlops.Platform.Objects.S3;
using Mlops.Platform.Telemetry;

namespace Mlops.Platform.Hosting;

/// <summary>Composes a process out of service modules.</summary>
public static class PlatformRegistration
{
    /// <summary>Registers logs, object store, bus, job runner and every module.</summary>
    public static IServiceCollection AddMlops(
        this IServiceCollection services, PlatformOptions options, params IReadOnlyList<ServiceModule> modules)
    {
        services.TryAddSingleton(TimeProvider.System);
        var source = new TelemetrySource(NameOf(modules), options.Worker.WorkerId);
        services.AddMlopsLogging(options, source);
        services.AddMlopsTelemetry(options.Connections.Telemetry, source);
        services.AddSingleton(options);
        var resolve = modules.Select(module => module.ResolveDevice).FirstOrDefault(resolve => resolve is not null);
        services.AddSingleton(options.Worker with
        {
            WorkFolder = options.Folder("work"),
            Device = resolve?.Invoke(options.Worker.Device) ?? "cpu",
            HasDurableQueues = options.Connections.Broker is not null,
        });
        services.AddObjects(options);
        services.AddSingleton<ComputeSlot>();
        services.AddSingleton<LeaseClient>();
        services.AddSingleton<JobExecutor>();
        services.AddSingleton<JobRunner>();
        // Before the bus, which brings new work.
        services.AddHostedService<StaleFileCleanup>();
        var worker = new ServiceModule("worker", _ => { }, bus => bus.AddSubscriber<CancelJobConsumer>());
        foreach (var module in modules)
            module.AddServices(services);
        services.AddMlopsBus(options.Connections.Broker, [worker, .. modules]);
        // After the bus: hosted services stop in reverse order, and stopped jobs still have something to say.
        services.AddHostedService(provider => provider.GetRequiredService<JobRunner>());
        services.AddHostedService<IdleExit>();
        return services;
    }

    /// <summary>Registers the object store alone, for commands that only import or fetch.</summary>
    public static IServiceCollection AddObjects(this IServiceCollection services, PlatformOptions options)
    {
        services.TryAddSingleton<IObjectStore>(_ => Store(options));
        services.AddSingleton(provider =>
            new ArtifactStore(provider.GetRequiredService<IObjectStore>(), options.Folder("cache")));
        return services;
    }

    private static string NameOf(IReadOnlyList<ServiceModule> modules) =>
        modules.Count == 1 ? modules[0].Name : "mlops";

    private static IObjectStore Store(PlatformOptions options) => options.Connections.Store is { } server
        ? new S3ObjectStore(server, options.Folder("transfers"))
        : new FolderObjectStore(options.Folder("objects"));
}
