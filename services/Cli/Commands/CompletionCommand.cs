using System.CommandLine;
using Mlops.Orchestrator.Recipes;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops completion SHELL</c>: the script with which a shell completes commands, options and their values.
/// </summary>
public static class CompletionCommand
{
    // All of them ask the program itself, by the directive [suggest:POSITION] of System.CommandLine.
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            _mlops() {
              local IFS=$'\n'
              COMPREPLY=($(compgen -W "$(mlops "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" \
                -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -F _mlops mlops
            """,
        ["zsh"] = """
            _mlops() {
              local -a found=(${(f)"$(mlops "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)"})
              (( $#found )) && compadd -- $found || _files
            }
            compdef _mlops mlops
            """,
        ["fish"] = """
            complete -c mlops -a '(mlops "[suggest:"(commandline -C)"]" (commandline) 2>/dev/null)'
            """,
    };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = string.Join(", ", Scripts.Keys) };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", "Print the script for completion in a shell, to be sourced there")
        {
            shell,
        };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(parsed, terminal =>
        {
            var script = Scripts[parsed.GetRequiredValue(shell)];
            terminal.Show(script, () => terminal.Text.WriteLine(script));
            return Task.FromResult(ExitCodes.Success);
        }, cancellationToken));
        return command;
    }

    /// <summary>Whether a shell asks how a line could go on.</summary>
    internal static bool IsAsked(string[] arguments) =>
        arguments is [var first, ..] && first.StartsWith("[suggest", StringComparison.Ordinal);

    /// <summary>The names of the recipes.</summary>
    internal static IEnumerable<string> Recipes => new RecipeBook().All.Select(recipe => recipe.Name);
}
