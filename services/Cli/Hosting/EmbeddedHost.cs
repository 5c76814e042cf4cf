using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Mlops.CoFinetuning;
using Mlops.Evaluation;
using Mlops.ImportanceScoring;
using Mlops.Orchestrator;
using Mlops.Platform.Bus;
using Mlops.Platform.Hosting;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Mlops.ScheduleSearch;
using Mlops.SparseExport;

namespace Mlops.Cli.Hosting;

/// <summary>All services in this process: in-memory bus, folder store, SQLite; no broker, no network.</summary>
public sealed class EmbeddedHost : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);

    private readonly IHost _host;

    private EmbeddedHost(IHost host) => _host = host;

    /// <summary>What is heard of the runs.</summary>
    public RunEvents Events => _host.Services.GetRequiredService<RunEvents>();

    /// <summary>Takes in what users bring, gives out what jobs made.</summary>
    public ArtifactStore Artifacts => _host.Services.GetRequiredService<ArtifactStore>();

    /// <summary>Any other registered part.</summary>
    public TService Get<TService>() where TService : notnull => _host.Services.GetRequiredService<TService>();

    /// <summary>The run history of a home folder.</summary>
    public static string HistoryFile(DirectoryInfo home) => Path.Combine(home.FullName, "history.db");

    /// <summary>Starts everything; runs that an earlier process left unfinished go on.</summary>
    /// <param name="home">Where objects, history and logs are kept.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    public static async Task<EmbeddedHost> StartAsync(DirectoryInfo home, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var watcher = new ServiceModule(
            "watcher",
            services => services.AddSingleton<RunEvents>(),
            bus => bus.AddListener<RunWatcherConsumer>());
        // The same name in every process of this home, so that after a kill the next one takes its jobs over at once.
        var worker = new WorkerOptions { WorkerId = "embedded" };
        var platform = new PlatformOptions { DataFolder = home.FullName, Worker = worker, LogToConsole = false };
        var orchestrator = new OrchestratorOptions
        {
            HistoryFile = HistoryFile(home), LocalWorkerId = worker.WorkerId,
        };
        builder.Services.AddSingleton(new RunQueries(HistoryFile(home)));
        builder.Services.AddMlops(
            platform,
            OrchestratorService.Module(orchestrator), ImportanceScoringService.Module, ScheduleSearchService.Module,
            CoFinetuningService.Module, SparseExportService.Module, EvaluationService.Module, watcher);
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return new EmbeddedHost(host);
    }

    /// <summary>Stops: jobs at work save a checkpoint first.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(StopPatience);
        await _host.StopAsync(patience.Token);
        _host.Dispose();
    }
}
