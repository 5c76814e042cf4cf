using System.CommandLine;
using Spectre.Console;

namespace Mlops.Cli.Display;

/// <summary>Where a command writes: results for people or programs, and what went wrong.</summary>
public sealed record Terminal(IAnsiConsole Out, TextWriter Error)
{
    /// <summary>Lines without colors or folding.</summary>
    public TextWriter Text => Out.Profile.Out.Writer;

    /// <summary>The streams that the command was invoked with.</summary>
    public static Terminal Of(ParseResult parsed)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        return new(output == Console.Out ? AnsiConsole.Console : For(output), error);
    }

    /// <summary>A console on a stream.</summary>
    public static IAnsiConsole For(TextWriter writer) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
}
