using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator;
using Mlops.Orchestrator.Handlers;
using Mlops.Orchestrator.Store;
using Mlops.Orchestrator.Submission;
using Mlops.Platform.Bus;
using Mlops.Faults;
using Mlops.Platform.Configuration;
using Mlops.Platform.Hosting;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator.Support;

/// <summary>Orchestrator, bus, folder store and workers in one host, as the embedded program has them.</summary>
public sealed class TestHost : IAsyncDisposable
{
    private const string WorkerId = "embedded";
    private readonly IHost _host;

    private TestHost(IHost host, Received received) => (_host, Received) = (host, received);

    public Received Received { get; }

    public RunTransitions Runs => _host.Services.GetRequiredService<RunTransitions>();

    public IServiceProvider Services => _host.Services;

    public RunQueries Queries(string folder) => new(HistoryOf(folder));

    public static string HistoryOf(string folder) => Path.Combine(folder, "runs.db");

    public static async Task<TestHost> StartAsync(
        string folder, ServiceModule workers, TimeProvider? time = null, Action<IServiceCollection>? more = null,
        Func<OrchestratorOptions, OrchestratorOptions>? change = null, Connections? connections = null,
        FaultPlan? faults = null)
    {
        var received = new Received();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        if (time is not null)
            builder.Services.AddSingleton(time);
        more?.Invoke(builder.Services);
        var platform = new PlatformOptions
        {
            DataFolder = folder, LogToConsole = false, Connections = connections ?? new Connections(),
            Worker = new WorkerOptions { WorkerId = WorkerId, Heartbeat = TimeSpan.FromMilliseconds(200) },
        };
        var orchestrator = new OrchestratorOptions
        {
            HistoryFile = HistoryOf(folder), LocalWorkerId = WorkerId, BackOff = TimeSpan.FromMilliseconds(20),
            Lease = TimeSpan.FromSeconds(60),
        };
        var recording = new ServiceModule(
            "recording", services => services.AddSingleton(received), bus => bus.AddSubscriber<RecordingConsumer>());
        ServiceModule[] modules =
            [OrchestratorService.Module((change ?? (same => same))(orchestrator)), workers, recording];
        builder.Services.AddMlops(platform, faults is null ? modules : [.. modules, FaultInjection.Module(faults)]);
        var host = builder.Build();
        try
        {
            await host.StartAsync();
            return new TestHost(host, received);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Starts a run of a recipe with a small data artifact.</summary>
    public async Task<Guid> SubmitAsync(string recipe, Dictionary<string, string>? settings = null)
    {
        var runId = Guid.NewGuid();
        var inputs = new Dictionary<string, ObjectRef> { ["data"] = await DataAsync() };
        await SubmitAsync(new StartRun(runId, recipe, inputs, settings ?? []));
        return runId;
    }

    /// <summary>Starts a run.</summary>
    public Task SubmitAsync(StartRun command) =>
        Services.GetRequiredService<RunSubmission>().SubmitAsync(command, digest: null, default);

    public async ValueTask DisposeAsync() => await _host.EndAsync();

    /// <summary>A small data artifact in the store.</summary>
    public async Task<ObjectRef> DataAsync()
    {
        using var source = new TemporaryFolder();
        await File.WriteAllTextAsync(source.File("data.json"), "{}");
        return await Services.GetRequiredService<ArtifactStore>().ImportAsync(source.Path, "data", default);
    }
}
