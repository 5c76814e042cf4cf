using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Cli.Hosting;
using Mlops.Orchestrator;
using Mlops.Platform.Bus;
using Mlops.Platform.Hosting;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops serve</c>: all services in one process that takes requests until it is asked to stop.</summary>
public static class ServeCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var home = CommonOptions.Home();
        var command = new Command("serve", "All services in this process, taking requests over HTTP until Ctrl-C")
        {
            home,
        };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, async terminal =>
        {
            var folder = parsed.GetRequiredValue(home);
            var address = ServiceHost.Address(OrchestratorService.DefaultAddress);
            var platform = EmbeddedHost.Platform(folder) with
            {
                Connections = Connections.FromEnvironment(), LogToConsole = true,
            };
            platform.Connections.Api.CheckAddress(address);
            var data = new ServiceModule(
                "built-in-data", services => services.AddHostedService<BuiltInData>(), _ => { });
            var all = EmbeddedHost.Modules(folder, platform.Connections, runsSchedules: true);
            await ServiceHost.RunAsync(platform, address, [.. all, data], cancellationToken);
            return ExitCodes.Success;
        }, cancellationToken));
        return command;
    }
}
