using System.Diagnostics;

namespace Mlops.Tests.Cli;

/// <summary>Completion as a shell does it.</summary>
public sealed class CompletionTests
{
    // What bash sets before it calls the function that a script has registered for the command.
    private const string Bash = """
        mlops() { dotnet "$MLOPS" "$@"; }
        source <(mlops completion bash)
        complete -p mlops
        for line in "mlops sch" "mlops run tea" "mlops schedule add n --recipe dif" "mlops recipes --output j"; do
          COMP_LINE=$line COMP_POINT=${#line} COMP_WORDS=($line) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
          _mlops
          echo "$line: ${COMPREPLY[*]}"
        done
        """;

    [Fact]
    public async Task Bash_completes_commands_recipes_and_values_of_options()
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", Bash])
        {
            RedirectStandardOutput = true,
            Environment = { ["MLOPS"] = Path.Combine(AppContext.BaseDirectory, "mlops.dll") },
        })!;
        var said = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();

        Assert.Equal(
            [
                "complete -o default -F _mlops mlops", "mlops sch: schedule", "mlops run tea: teacache",
                "mlops schedule add n --recipe dif: diff-es diff-es-width diff-pruning",
                "mlops recipes --output j: json",
            ],
            said.Trim().Split('\n'));
    }

    [Theory]
    [InlineData("zsh", "compdef _mlops mlops")]
    [InlineData("fish", "complete -c mlops")]
    public async Task Other_shells_get_a_script_of_their_own_and_unknown_ones_a_sentence(string shell, string holds)
    {
        var script = await CommandLine.RunAsync("completion", shell);
        var unknown = await CommandLine.RunAsync("completion", "tcsh");

        Assert.Equal((0, ""), (script.ExitCode, script.Errors));
        Assert.Contains(holds, script.Output, StringComparison.Ordinal);
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("'tcsh'", unknown.Errors, StringComparison.Ordinal);
    }
}
