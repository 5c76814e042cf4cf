using System.CommandLine;
using Spectre.Console;

namespace Mlops.Cli.Display;

/// <summary>Where a command writes: results for people or programs, and what went wrong.</summary>
public sealed record Terminal(IAnsiConsole Out, TextWriter Error)
{
    private const int WidthOfFiles = 160;

    /// <summary>Lines without colors or folding.</summary>
    public TextWriter Text => Out.Profile.Out.Writer;

    /// <summary>The streams that the command was invoked with.</summary>
    public static Terminal Of(ParseResult parsed)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        return new(For(output), error);
    }

    /// <summary>A console on a stream. What is no terminal has no width, so tables are not folded there.</summary>
    public static IAnsiConsole For(TextWriter writer)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (!console.Profile.Out.IsTerminal)
            console.Profile.Width = WidthOfFiles;
        return console;
    }
}
