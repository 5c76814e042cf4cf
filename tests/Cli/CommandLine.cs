using Mlops.Cli;
using Mlops.Cli.Commands;

namespace Mlops.Tests.Cli;

/// <summary>The command line inside this process, with what it wrote.</summary>
/// <param name="ExitCode">See <see cref="Mlops.Cli.ExitCodes"/>.</param>
/// <param name="Errors">Standard error, trimmed.</param>
internal sealed record CommandLine(int ExitCode, string Output, string Errors)
{
    /// <summary>The exit code but for the verdict, on which the time of a short run has a say.</summary>
    public int Ended => WithoutVerdict(ExitCode);

    /// <summary>0 for a run that is done, whatever its verdict; else the code itself.</summary>
    public static int WithoutVerdict(int exitCode) => exitCode == ExitCodes.GateFailed ? ExitCodes.Success : exitCode;

    /// <summary>Runs a command to its end.</summary>
    public static async Task<CommandLine> RunAsync(params string[] arguments)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var exitCode = await RootCommands.InvokeAsync(arguments, output, errors);
        return new(exitCode, output.ToString(), errors.ToString().Trim());
    }
}
