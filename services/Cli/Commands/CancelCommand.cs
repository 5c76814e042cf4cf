using System.CommandLine;
using Mlops.Cli.Hosting;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops cancel RUN</c>: cancels a run gracefully.</summary>
public static class CancelCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "The run's id, or enough of its beginning" };
        var (home, server) = (CommonOptions.Home(), CommonOptions.Server());
        var command = new Command("cancel", "End a run; its checkpoints stay") { run, home, server };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, async terminal =>
        {
            await using var host = await RunHosts.OpenAsync(
                parsed.ServerOf(server), parsed.GetRequiredValue(home), cancellationToken);
            var state = await host.FindAsync(parsed.GetRequiredValue(run), cancellationToken);
            if (state.HasEnded)
                throw new ArgumentException(
                    $"run {state.RunId} is {state.Status.ToString().ToLowerInvariant()}; there is nothing to cancel");
            await host.CancelAsync(state.RunId, cancellationToken);
            await foreach (var _ in host.WatchAsync(state.RunId, cancellationToken))
            {
                // Up to its end.
            }

            var ended = await host.FindAsync(state.RunId.ToString(), cancellationToken);
            terminal.Show(
                ended,
                () => terminal.Text.WriteLine($"{ended.Status.ToString().ToLowerInvariant()}: {ended.RunId}"));
            return ExitCodes.Success;
        }, cancellationToken));
        return command;
    }
}
