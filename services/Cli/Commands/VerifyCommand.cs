using System.CommandLine;
using System.Globalization;
using Mlops.Diffusion.Verification;
using Mlops.Pruning.Verification;

namespace Mlops.Cli.Commands;

/// <summary><c>mlops verify DIR</c>: compares this implementation with a folder of reference fixtures.</summary>
public static class VerifyCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "Searched to the bottom" };
        var command = new Command("verify", "Compare with reference fixtures, one line per case") { folder };
        command.SetAction((parsed, cancellationToken) => Boundary.GuardAsync(
            parsed,
            terminal => Task.FromResult(Verify(parsed.GetRequiredValue(folder), terminal.Text, cancellationToken)),
            cancellationToken));
        return command;
    }

    private static int Verify(DirectoryInfo folder, TextWriter output, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<CaseOutcome, int>();
        foreach (var result in new FixtureVerifier(new TaylorCheck()).Verify(folder.FullName, cancellationToken))
        {
            counts[result.Outcome] = counts.GetValueOrDefault(result.Outcome) + 1;
            output.WriteLine(Line(result));
        }

        output.WriteLine(
            $"{Count(CaseOutcome.Passed)} passed, {Count(CaseOutcome.Failed)} failed, "
            + $"{Count(CaseOutcome.Skipped)} skipped");
        return Count(CaseOutcome.Failed) > 0 ? ExitCodes.Failure : ExitCodes.Success;

        int Count(CaseOutcome outcome) => counts.GetValueOrDefault(outcome);
    }

    private static string Line(CaseResult result) => result.Outcome switch
    {
        CaseOutcome.Skipped => $"SKIP {result.Name} ({result.Detail})",
        var outcome => string.Create(
            CultureInfo.InvariantCulture,
            $"{(outcome == CaseOutcome.Passed ? "PASS" : "FAIL")} {result.Name} {result.MaxError:0.0e+0} "
            + $"{result.Tolerance:0.0e+0} ({result.Detail})"),
    };
}
