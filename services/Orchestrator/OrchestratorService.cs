using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts;
using Mlops.Orchestrator.Api;
using Mlops.Orchestrator.Background;
using Mlops.Orchestrator.Handlers;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Schedules;
using Mlops.Orchestrator.Store;
using Mlops.Orchestrator.Submission;
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
                typeof(RunConsumer), typeof(LeaseConsumer),
                .. JobKinds.All.Select(row => typeof(JobResultConsumer<>).MakeGenericType(row.Event)),
            ];
            foreach (var consumer in consumers)
                bus.AddQueue(consumer, typeof(RetryUntilWritableDefinition<>), Name, prefetch: 64, concurrency: 32);
            bus.AddQueue<RequestRunConsumer, RequestRunConsumerDefinition>(
                JobQueues.Requests, prefetch: 16, concurrency: 4);
            bus.AddSubscriber<RunFeedConsumer>();
        })
    {
        IsSingleton = true,
        MapEndpoints = app => app.MapApi(hasKey: options.ApiKey is not null),
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
            RunsSchedules = true, Lease = settings.Seconds("MLOPS_LEASE") ?? options.Lease,
        });
    }

    /// <summary>Adds everything but the consumers.</summary>
    public static IServiceCollection AddOrchestrator(this IServiceCollection services, OrchestratorOptions options) =>
        services
            .AddSingleton(options)
            .AddSingleton<RecipeBook>()
            .AddSingleton<RunPlanner>()
            .AddSingleton<RunDecisions>()
            .AddSingleton<StateStore>()
            .AddSingleton<Outbox>()
            .AddSingleton<OpenWork>()
            .AddSingleton<ScheduleStore>()
            .AddSingleton<RunMetrics>()
            .AddSingleton<RunTransitions>()
            .AddSingleton<InputNames>()
            .AddSingleton<RunSubmission>()
            .AddSingleton<RunRequests>()
            .AddSingleton(new RunQueries(options.HistoryFile))
            .AddSingleton<RunFeed>()
            .AddSingleton<RunEvaluations>()
            .AddApi()
            .AddHostedService<RunRecovery>()
            .AddHostedService<OutboxDispatcher>()
            .AddHostedService<LeaseWatchdog>()
            .AddHostedService<Maintenance>()
            .AddHostedService<RunStatusLogger>()
            .AddHostedService<RunGauges>()
            .AddSchedules(options);
}
