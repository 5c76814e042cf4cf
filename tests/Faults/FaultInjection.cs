using MassTransit;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Mlops.Platform.Bus;
using Mlops.Platform.Objects;

namespace Mlops.Faults;

/// <summary>Puts a plan between a host and its store, its database and its bus.</summary>
public static class FaultInjection
{
    /// <summary>The module to add to a host.</summary>
    public static ServiceModule Module(FaultPlan plan) => new("faults", services => Add(services, plan), _ => { })
    {
        ConfigureBus = bus =>
        {
            bus.ConfigureSend(pipe => pipe.UseFilter(new FaultySend(plan)));
            bus.ConfigurePublish(pipe => pipe.UseFilter<PublishContext>(new FaultySend(plan)));
            bus.UseFilter(new FaultyConsume(plan));
        },
    };

    private static void Add(IServiceCollection services, FaultPlan plan)
    {
        var store = services.Single(service => service.ServiceType == typeof(IObjectStore));
        services.Replace(ServiceDescriptor.Singleton<IObjectStore>(provider =>
            new FaultyObjectStore((IObjectStore)store.ImplementationFactory!(provider), plan)));
        services.AddSingleton<IInterceptor>(new FaultyDatabase(plan));
    }
}
