using MassTransit;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Mlops.Platform.Bus;

/// <summary>
/// Everything a host needs to know of a service. The same module runs alone in a process or with all others in one.
/// </summary>
/// <param name="Name">Kebab-case, for logs: <c>importance-scoring</c>.</param>
/// <param name="AddConsumers">Registers consumers, with the methods of <see cref="Endpoints"/>.</param>
public sealed record ServiceModule(
    string Name, Action<IServiceCollection> AddServices, Action<IBusRegistrationConfigurator> AddConsumers)
{
    /// <summary>Adds what the service answers over HTTP, in hosts that listen.</summary>
    public Action<IEndpointRouteBuilder> MapEndpoints { get; init; } = _ => { };

    /// <summary>Adds to the bus itself, beside endpoints: filters for example.</summary>
    public Action<IBusFactoryConfigurator> ConfigureBus { get; init; } = _ => { };

    /// <summary>Turns the setting <c>MLOPS_DEVICE</c> into the name of a device that is there, or throws; null for a
    /// service that computes nothing.</summary>
    public Func<string, string>? ResolveDevice { get; init; }

    /// <summary>Whether at most one process may run this service on a broker.</summary>
    public bool IsSingleton { get; init; }
}
