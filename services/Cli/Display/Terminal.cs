using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Orchestrator.Api;
using Spectre.Console;

namespace Mlops.Cli.Display;

/// <summary>Where a command writes: a result for people or for programs, and what went wrong. What is written while a
/// command works goes to standard error if a program reads its result.</summary>
/// <param name="Json">Where the result goes as JSON; null if people read it.</param>
public sealed record Terminal(IAnsiConsole Out, TextWriter Error, TextWriter? Json = null)
{
    private const int WidthOfFiles = 160;
    private const string AsText = "text", AsJson = "json";

    // As over HTTP, but for numbers that JSON has not: a model compared with itself has an infinite PSNR.
    private static readonly JsonSerializerOptions Indented = new(ApiJson.Options)
    {
        WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>How every command prints its result.</summary>
    public static Option<string> Output { get; } = new Option<string>("--output")
    {
        Description = "How the result is printed: text, or json (all else goes to standard error then)",
        DefaultValueFactory = _ => AsText, Recursive = true,
    }.AcceptOnlyFromAmong(AsText, AsJson);

    /// <summary>Lines without colors or folding.</summary>
    public TextWriter Text => Out.Profile.Out.Writer;

    /// <summary>The streams that the command was invoked with.</summary>
    public static Terminal Of(ParseResult parsed)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        return parsed.GetValue(Output) == AsJson ? new(For(error), error, output) : new(For(output), error);
    }

    /// <summary>Prints a result: as JSON, or by <paramref name="write"/>.</summary>
    public void Show<TResult>(TResult result, Action write)
    {
        if (Json is null)
            write();
        else
            Json.WriteLine(JsonSerializer.Serialize(result, Indented));
    }

    /// <summary>A console on a stream. What is no terminal has neither colors nor a width that folds tables.</summary>
    public static IAnsiConsole For(TextWriter writer)
    {
        var output = new AnsiConsoleOutput(writer);
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = output, Ansi = output.IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
        });
        if (!output.IsTerminal)
            console.Profile.Width = WidthOfFiles;
        return console;
    }
}
