using Microsoft.Extensions.DependencyInjection;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Schedules;
using Mlops.Platform.Configuration;
using Mlops.Platform.Hosting;
using Mlops.Platform.Objects;

namespace Mlops.Cli.Hosting;

/// <summary>
/// What the commands of schedules work on: those of a home folder, which no other process may be driving then, or those
/// of a server. Nothing is started for it.
/// </summary>
public sealed class ScheduleSession : IAsyncDisposable
{
    private readonly ServiceProvider _parts;

    private ScheduleSession(ServiceProvider parts, ISchedules schedules) => (_parts, Schedules) = (parts, schedules);

    /// <summary>The schedules.</summary>
    public ISchedules Schedules { get; }

    /// <summary>Whether another process has them, and acts on them at once.</summary>
    public bool IsRemote => Schedules is ScheduleClient;

    /// <summary>Imports the inputs of the scheduled runs.</summary>
    public ArtifactStore Artifacts => _parts.GetRequiredService<ArtifactStore>();

    /// <summary>Reads recipes and checks options; knows all services.</summary>
    public RunPlanner Planner => _parts.GetRequiredService<RunPlanner>();

    /// <summary>Opens the schedules.</summary>
    /// <param name="home">Where objects and schedules are kept.</param>
    /// <param name="server">The address of the process that has them; null if this one shall.</param>
    /// <exception cref="ArgumentException">Another process drives the home folder.</exception>
    public static async Task<ScheduleSession> OpenAsync(DirectoryInfo home, Uri? server)
    {
        var platform = EmbeddedHost.Platform(home) with { Connections = Connections.From(Settings.Load()) };
        var parts = new ServiceCollection()
            .AddMlops(platform, EmbeddedHost.Modules(home, platform.Connections, runsSchedules: false))
            .BuildServiceProvider();
        try
        {
            return new ScheduleSession(parts, server is null
                ? parts.GetRequiredService<ScheduleService>()
                : new ScheduleClient(RunHosts.Client(server)));
        }
        catch
        {
            await parts.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _parts.DisposeAsync();
}
