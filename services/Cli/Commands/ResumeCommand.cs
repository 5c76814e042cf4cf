using System.CommandLine;
using Mlops.Cli.Hosting;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops resume RUN</c>: goes on from the last checkpoints.</summary>
public static class ResumeCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "The run's id, or enough of its beginning" };
        var output = new Option<DirectoryInfo?>("--out") { Description = "Results (default: runs/RECIPE-ID)" };
        var (home, server) = (CommonOptions.Home(), CommonOptions.Server());
        var command = new Command("resume", "Go on with an interrupted, cancelled or failed run")
        {
            run, output, home, server,
        };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, async terminal =>
        {
            await using var host = await RunHosts.OpenAsync(
                parsed.ServerOf(server), parsed.GetRequiredValue(home), cancellationToken);
            var session = new RunSession(host, terminal);
            return await session.ResumeAsync(
                parsed.GetRequiredValue(run), parsed.GetValue(output), cancellationToken);
        }, cancellationToken));
        return command;
    }
}
