using Mlops.Cli.Commands;

namespace Mlops.Tests.Cli;

/// <summary>The command line inside this process, with what it wrote.</summary>
/// <param name="ExitCode">See <see cref="Mlops.Cli.ExitCodes"/>.</param>
/// <param name="Errors">Standard error, trimmed.</param>
internal sealed record CommandLine(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs a command to its end.</summary>
    public static async Task<CommandLine> RunAsync(params string[] arguments)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var exitCode = await RootCommands.InvokeAsync(arguments, output, errors);
        return new(exitCode, output.ToString(), errors.ToString().Trim());
    }
}
