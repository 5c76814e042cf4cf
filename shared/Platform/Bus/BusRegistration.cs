using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Mlops.Platform.Bus;

/// <summary>Puts the modules of a process on one bus.</summary>
public static class BusRegistration
{
    /// <summary>Registers the bus with every consumer of the modules.</summary>
    public static IServiceCollection AddMlopsBus(
        this IServiceCollection services, IReadOnlyList<ServiceModule> modules) =>
        services.Configure<MassTransitHostOptions>(host => host.WaitUntilStarted = true).AddMassTransit(bus =>
        {
            // The library would post usage data to its vendor five minutes after the start.
            bus.DisableUsageTelemetry();
            foreach (var module in modules)
                module.AddConsumers(bus);
            bus.UsingInMemory((context, transport) => Configure(context, transport));
        });

    private static void Configure<TEndpoint>(IBusRegistrationContext context, IBusFactoryConfigurator<TEndpoint> bus)
        where TEndpoint : IReceiveEndpointConfigurator
    {
        // For hiccups only. Whether a job is tried again is the orchestrator's decision.
        bus.UseMessageRetry(retry => retry.Intervals(50, 500, 2000));
        bus.ConfigureEndpoints(context);
    }
}
