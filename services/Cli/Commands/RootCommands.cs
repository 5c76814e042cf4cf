using System.CommandLine;
using Mlops.Cli.Display;

namespace Mlops.Cli.Commands;

/// <summary>The command line: one verb per thing a person wants.</summary>
public static class RootCommands
{
    /// <summary>All commands.</summary>
    public static RootCommand Create()
    {
        var root = new RootCommand("Prunes diffusion models: smaller and faster, with proof that quality held.");
        root.Options.Add(Terminal.Output);
        root.Subcommands.Add(RunCommand.Create());
        root.Subcommands.Add(TrainCommand.Create());
        root.Subcommands.Add(SampleCommand.Create());
        root.Subcommands.Add(ExportCommand.Create());
        root.Subcommands.Add(EvaluateCommand.Create());
        root.Subcommands.Add(CompareCommand.Create());
        root.Subcommands.Add(ResumeCommand.Create());
        root.Subcommands.Add(CancelCommand.Create());
        root.Subcommands.Add(StatusCommand.Create());
        root.Subcommands.Add(ShowCommand.Create());
        root.Subcommands.Add(WhyCommand.Create());
        root.Subcommands.Add(LineageCommand.Create());
        root.Subcommands.Add(PushCommand.Create());
        root.Subcommands.Add(ServeCommand.Create());
        root.Subcommands.Add(RecipesCommand.Create());
        root.Subcommands.Add(OptionsCommand.Create());
        root.Subcommands.Add(ScheduleCommand.Create());
        root.Subcommands.Add(CompletionCommand.Create());
        return root;
    }

    /// <summary>Parses and executes; the exit code says what went wrong (see <see cref="ExitCodes"/>).</summary>
    /// <param name="arguments">The words after <c>mlops</c>.</param>
    /// <param name="output">Standard output if null.</param>
    /// <param name="error">Standard error if null.</param>
    public static async Task<int> InvokeAsync(
        string[] arguments, TextWriter? output = null, TextWriter? error = null)
    {
        var parsed = Create().Parse(arguments);
        if (parsed.Errors.Count > 0 && !CompletionCommand.IsAsked(arguments))
        {
            // The library lists allowed values on lines of their own.
            var message = parsed.Errors[0].Message.ReplaceLineEndings(" ").Replace("\t", "", StringComparison.Ordinal);
            await (error ?? Console.Error).WriteLineAsync($"mlops: {message} Try: mlops --help");
            return ExitCodes.BadInput;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            Output = output ?? Console.Out,
            Error = error ?? Console.Error,
            // An interrupted job saves a checkpoint first.
            ProcessTerminationTimeout = TimeSpan.FromSeconds(60),
        });
    }
}
