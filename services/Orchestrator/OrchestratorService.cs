using Microsoft.Extensions.DependencyInjection;
using Mlops.Orchestrator.History;
using Mlops.Orchestrator.Messages;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Runs;
using Mlops.Platform.Bus;

namespace Mlops.Orchestrator;

/// <summary>Registers the orchestrator.</summary>
public static class OrchestratorService
{
    private const string Name = "orchestrator";

    /// <summary>The module for a host; exactly one process per history file may run it.</summary>
    public static ServiceModule Module(OrchestratorOptions options) => new(
        Name, services => services.AddOrchestrator(options),
        bus => bus.AddConsumer<OrchestratorConsumer>().Endpoint(endpoint =>
        {
            endpoint.Name = Name;
            endpoint.PrefetchCount = 16;
            endpoint.ConcurrentMessageLimit = 4;
        }));

    /// <summary>Adds everything but the consumers.</summary>
    public static IServiceCollection AddOrchestrator(this IServiceCollection services, OrchestratorOptions options) =>
        services
            .AddSingleton(options)
            .AddSingleton<RecipeBook>()
            .AddSingleton<RunPlanner>()
            .AddSingleton<RunDecisions>()
            .AddSingleton<RunHistory>()
            .AddSingleton<RunMessages>()
            .AddSingleton<RunQueue>()
            .AddHostedService<RunRecovery>()
            .AddHostedService<OutboxDispatcher>()
            .AddHostedService<LeaseWatchdog>();
}
