using System.CommandLine;
using Mlops.Cli.Display;
using Mlops.Contracts;
using Mlops.Platform.Errors;

namespace Mlops.Cli.Commands;

/// <summary>
/// Turns what a command throws into one sentence and an exit code; the only place where the command line catches.
/// </summary>
public static class Boundary
{
    /// <summary>Runs a command.</summary>
    public static async Task<int> GuardAsync(
        ParseResult parsed, Func<Terminal, Task<int>> command, CancellationToken cancellationToken)
    {
        var terminal = Terminal.Of(parsed);
        try
        {
            return await command(terminal);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await terminal.Error.WriteLineAsync("mlops: interrupted");
            return ExitCodes.Interrupted;
        }
        catch (Exception exception)
        {
            var permanent = Failures.KindOf(exception, stopRequested: false) == FailureKind.Permanent;
            await terminal.Error.WriteLineAsync($"mlops: {Failures.ReasonOf(exception)}");
            return permanent ? ExitCodes.BadInput : ExitCodes.Failure;
        }
    }
}
