using Microsoft.Extensions.DependencyInjection;
using Mlops.Platform.Configuration;
using Mlops.Platform.Hosting;

namespace Mlops.Cli.Hosting;

/// <summary>Opens the place where runs are driven.</summary>
public static class RunHosts
{
    /// <summary>The orchestrator at an address, or this process if there is none.</summary>
    public static async Task<IRunHost> OpenAsync(
        Uri? server, DirectoryInfo home, CancellationToken cancellationToken) =>
        server is null
            ? await EmbeddedHost.StartAsync(home, cancellationToken)
            : new RemoteHost(Client(server), Store(home));

    /// <summary>The orchestrator at an address, with the key of the environment.</summary>
    public static OrchestratorClient Client(Uri server) => new(server, Connections.From(Settings.Load()).Api.Key);

    /// <summary>The object store of the environment, or else the folder of a home.</summary>
    public static ServiceProvider Store(DirectoryInfo home)
    {
        var platform = new PlatformOptions
        {
            DataFolder = home.FullName, Connections = Connections.From(Settings.Load()),
        };
        return new ServiceCollection().AddObjects(platform).BuildServiceProvider();
    }
}
