using Mlops.Contracts;
using Mlops.Platform.Jobs;

namespace Mlops.Cli.Commands;

/// <summary>
/// Turns what a command throws into one sentence and an exit code; the only place where the command line catches.
/// </summary>
public static class Boundary
{
    /// <summary>Runs a command.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> command, CancellationToken cancellationToken)
    {
        try
        {
            return await command();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("mlops: interrupted");
            return ExitCodes.Interrupted;
        }
        catch (Exception exception)
        {
            var permanent = Failures.KindOf(exception, stopRequested: false) == FailureKind.Permanent;
            await Console.Error.WriteLineAsync($"mlops: {Failures.ReasonOf(exception)}");
            return permanent ? ExitCodes.BadInput : ExitCodes.Failure;
        }
    }
}
