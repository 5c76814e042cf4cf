using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Mlops.CoFinetuning;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Diffusion.Devices;
using Mlops.Evaluation;
using Mlops.ImportanceScoring;
using Mlops.Orchestrator;
using Mlops.Orchestrator.Api;
using Mlops.Orchestrator.Handlers;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Store;
using Mlops.Orchestrator.Submission;
using Mlops.Platform.Bus;
using Mlops.Platform.Configuration;
using Mlops.Platform.Hosting;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Mlops.ScheduleSearch;
using Mlops.SparseExport;

namespace Mlops.Cli.Hosting;

/// <summary>All services in this process: in-memory bus, folder store, SQLite; no broker, no network.</summary>
public sealed class EmbeddedHost : IRunHost
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    // The same name in every process of a home, so that after a kill the next one takes its jobs over at once.
    private const string WorkerId = "embedded";

    private readonly IHost _host;

    private EmbeddedHost(IHost host) => _host = host;

    /// <inheritdoc/>
    public ArtifactStore Artifacts => Get<ArtifactStore>();

    private static readonly JobOptionsCheck[] Checks = [.. new ServiceCollection()
        .AddImportanceScoring().AddScheduleSearch().AddCoFinetuning().AddSparseExport().AddEvaluation()
        .Select(service => service.ImplementationInstance).OfType<JobOptionsCheck>()];

    /// <summary>The options record of every kind of job.</summary>
    public static IReadOnlyDictionary<JobKind, Type> JobOptions { get; } =
        Checks.ToDictionary(check => check.Kind, check => check.Options!);

    /// <summary>Refuses bad requests before anything is started.</summary>
    public static RunPlanner CreatePlanner() => new(new RecipeBook(), Checks);

    /// <summary>Any other registered part.</summary>
    public TService Get<TService>() where TService : notnull => _host.Services.GetRequiredService<TService>();

    /// <summary>The run history of a home folder.</summary>
    public static string HistoryFile(DirectoryInfo home) => OrchestratorOptions.Under(home.FullName).HistoryFile;

    /// <summary>Where commands compute that need no run: the device that runs here have, too.</summary>
    /// <exception cref="ArgumentException">There is no such device.</exception>
    public static string Device => ComputeDevice.Resolve(Worker().Device);

    /// <summary>Settings of a process that has all services.</summary>
    public static PlatformOptions Platform(DirectoryInfo home) => new()
    {
        DataFolder = home.FullName, Worker = Worker(), LogToConsole = false,
    };

    /// <summary>All services of a process.</summary>
    /// <param name="runsSchedules">Whether it lives long enough for scheduled runs.</param>
    public static ServiceModule[] Modules(DirectoryInfo home, Connections connections, bool runsSchedules) =>
    [
        OrchestratorService.Module(OrchestratorOptions.Under(home.FullName) with
        {
            LocalWorkerId = WorkerId, BusForgets = connections.Broker is null, ApiKey = connections.Api.Key,
            RunsSchedules = runsSchedules,
        }),
        ImportanceScoringService.Module, ScheduleSearchService.Module, CoFinetuningService.Module,
        SparseExportService.Module, EvaluationService.Module,
    ];

    /// <summary>Starts everything; runs that an earlier process left unfinished go on.</summary>
    /// <param name="home">Where objects, history and logs are kept.</param>
    public static async Task<EmbeddedHost> StartAsync(DirectoryInfo home, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var platform = Platform(home);
        builder.Services.AddMlops(platform, Modules(home, platform.Connections, runsSchedules: false));
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return new EmbeddedHost(host);
    }

    /// <inheritdoc/>
    public async Task StartAsync(StartRun command, CancellationToken cancellationToken)
    {
        var result = await Get<RunSubmission>().SubmitAsync(command, digest: null, cancellationToken);
        if (result.Reason is { } reason)
            throw new ArgumentException(reason);
    }

    /// <inheritdoc/>
    public async Task<RunResponse> FindAsync(string idOrPrefix, CancellationToken cancellationToken) =>
        await Get<RunEvaluations>().DescribeAsync(
            await Get<RunQueries>().GetAsync(idOrPrefix, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task ResumeAsync(Guid runId, CancellationToken cancellationToken) =>
        Get<RunTransitions>().ResumeAsync(new ResumeRun(runId), messageId: null, cancellationToken);

    /// <inheritdoc/>
    public Task CancelAsync(Guid runId, CancellationToken cancellationToken) =>
        Get<RunTransitions>().CancelAsync(
            new CancelRun(runId, "cancelled at the command line"), messageId: null, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<object> WatchAsync(Guid runId, CancellationToken cancellationToken) =>
        Get<RunFeed>().WatchAsync(runId, cancellationToken);

    /// <summary>Stops: jobs at work save a checkpoint first.</summary>
    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(StopTimeout);
        await _host.StopAsync(timeout.Token);
        _host.Dispose();
    }

    private static WorkerOptions Worker() =>
        WorkerOptions.From(Settings.Load()) with { WorkerId = WorkerId, ExitWhenIdle = null };
}
