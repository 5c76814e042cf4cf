using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlops.Contracts;
using Mlops.Contracts.Commands;

namespace Mlops.Platform.Bus;

/// <summary>Puts the modules of a process on one bus: RabbitMQ, or one inside the process.</summary>
public static class BusRegistration
{
    // At the end of a process, when its jobs have stopped already: then messages in hand go back to their queues.
    private static readonly TimeSpan ConsumerStopTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Registers the bus with every consumer of the modules.</summary>
    /// <param name="broker">Null for the bus inside the process.</param>
    public static IServiceCollection AddMlopsBus(
        this IServiceCollection services, BrokerOptions? broker, IReadOnlyList<ServiceModule> modules)
    {
        if (broker is not null)
        {
            services.AddSingleton(broker).AddHostedService<BrokerCheck>();
            foreach (var module in modules.Where(module => module.IsSingleton))
                services.AddHostedService(provider => new BrokerLock(
                    broker, module.Name, provider.GetRequiredService<TimeProvider>(),
                    provider.GetRequiredService<ILogger<BrokerLock>>()));
        }
        // A broker that is unavailable at the start is waited for in the background; the bus in the process is there
        // at once.
        services.Configure<MassTransitHostOptions>(host =>
        {
            host.WaitUntilStarted = broker is null;
            host.ConsumerStopTimeout = ConsumerStopTimeout;
        });
        return services.AddMassTransit(bus =>
        {
            // The library would post usage data to its vendor five minutes after the start.
            bus.DisableUsageTelemetry();
            foreach (var module in modules)
                module.AddConsumers(bus);
            if (broker is null)
                bus.UsingInMemory((context, transport) => Configure(context, transport, modules));
            else
                bus.UsingRabbitMq((context, transport) => ConfigureBroker(context, transport, broker, modules));
        });
    }

    private static void ConfigureBroker(
        IBusRegistrationContext context, IRabbitMqBusFactoryConfigurator transport, BrokerOptions broker,
        IReadOnlyList<ServiceModule> modules)
    {
        transport.Host(broker.Address.Host, broker.Port, broker.VirtualHost, host =>
        {
            host.Username(broker.User);
            host.Password(broker.Password);
            host.Heartbeat(BrokerConnection.Heartbeat);
            if (broker.Address.Scheme == "amqps")
                host.UseSsl();
        });
        Configure(context, transport, modules);
    }

    private static void Configure<TEndpoint>(
        IBusRegistrationContext context, IBusFactoryConfigurator<TEndpoint> bus, IReadOnlyList<ServiceModule> modules)
        where TEndpoint : IReceiveEndpointConfigurator
    {
        // The one name that programs in other languages must know.
        bus.Message<RequestRun>(message => message.SetEntityName(RequestRun.EntityName));
        // What jobs have in common is for our own code; on the bus each kind has its own names.
        bus.Publish<IJobCommand>(message => message.Exclude = true);
        bus.Publish<IJobEvent>(message => message.Exclude = true);
        // For hiccups only. Whether a job is tried again is the orchestrator's decision.
        bus.UseMessageRetry(retry => retry.Intervals(50, 500, 2000));
        foreach (var module in modules)
            module.ConfigureBus(bus);
        bus.UseConsumeFilter(typeof(ConsumeScope<>), context);
        bus.UseSendFilter(typeof(RunCorrelation<>), context);
        bus.UsePublishFilter(typeof(RunCorrelation<>), context);
        bus.ConfigureEndpoints(context);
    }
}
