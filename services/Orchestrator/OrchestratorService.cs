using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts;
using Mlops.Orchestrator.Api;
using Mlops.Orchestrator.History;
using Mlops.Orchestrator.Messages;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Requests;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Schedules;
using Mlops.Platform.Bus;
using Mlops.Platform.Configuration;
using Mlops.Platform.Hosting;

namespace Mlops.Orchestrator;

/// <summary>Registers the orchestrator.</summary>
public static class OrchestratorService
{
    /// <summary>Where it listens unless <c>MLOPS_HTTP</c> says otherwise.</summary>
    public const string DefaultAddress = "http://127.0.0.1:8480";

    private const string Name = "orchestrator";

    /// <summary>The module for a host; exactly one process per history file may run it.</summary>
    public static ServiceModule Module(OrchestratorOptions options) => new(
        Name, services => services.AddOrchestrator(options),
        bus =>
        {
            IEnumerable<Type> consumers =
            [
                typeof(OrchestratorConsumer),
                .. JobKinds.All.Select(row => typeof(JobResultConsumer<>).MakeGenericType(row.Event)),
            ];
            foreach (var consumer in consumers)
                bus.AddQueue(consumer, typeof(PatientQueue<>), Name, prefetch: 64, concurrency: 32);
            bus.AddQueue<RequestRunConsumer, RequestRunQueue>(RequestRunQueue.Name, prefetch: 16, concurrency: 4);
            bus.AddSubscriber<RunFeedConsumer>();
            bus.AddSchedules(options);
        })
    {
        IsSingleton = true,
        MapEndpoints = app =>
        {
            var inside = app.MapInside(options.ApiKey);
            inside.MapRuns();
            ScheduleEndpoints.Map(inside);
        },
    };

    /// <summary>The module with its files in <c>MLOPS_HOME</c> and a lease of <c>MLOPS_LEASE</c> seconds.</summary>
    /// <exception cref="ArgumentException">A variable cannot be read.</exception>
    public static ServiceModule From(IConfiguration settings)
    {
        var platform = PlatformOptions.From(settings);
        platform.Connections.Api.CheckAddress(ServiceHost.Address(settings, DefaultAddress));
        var options = OrchestratorOptions.Under(platform.DataFolder);
        return Module(options with
        {
            BusForgets = platform.Connections.Broker is null, ApiKey = platform.Connections.Api.Key,
            KeepsSchedules = true, Lease = settings.Seconds("MLOPS_LEASE") ?? options.Lease,
        });
    }

    /// <summary>Adds everything but the consumers.</summary>
    public static IServiceCollection AddOrchestrator(this IServiceCollection services, OrchestratorOptions options) =>
        services
            .AddSingleton(options)
            .AddSingleton<RecipeBook>()
            .AddSingleton<RunPlanner>()
            .AddSingleton<RunDecisions>()
            .AddSingleton<RunHistory>()
            .AddSingleton<RunMessages>()
            .AddSingleton<InputNames>()
            .AddSingleton<RunIntake>()
            .AddSingleton(new RunQueries(options.HistoryFile))
            .AddSingleton<RunFeed>()
            .AddHostedService<RunRecovery>()
            .AddHostedService<OutboxDispatcher>()
            .AddHostedService<LeaseWatchdog>()
            .AddHostedService<Housekeeping>()
            .AddHostedService<Pulse>()
            .AddHostedService<RunGauges>()
            .AddSchedules(options);
}
