using System.Globalization;
using Mlops.Diffusion.Devices;

namespace Mlops.Verify;

/// <summary>The lines that a person reads: one per case, and the totals.</summary>
public static class FixtureReport
{
    /// <summary>Verifies everything below a folder.</summary>
    /// <returns>0 if nothing failed, 1 if something did, 2 if there is nothing to verify.</returns>
    public static int Write(string folder, Placement placement, TextWriter output, TextWriter errors)
    {
        var counts = new Dictionary<CaseOutcome, int>();
        try
        {
            foreach (var result in new FixtureVerifier(placement).Verify(folder))
            {
                counts[result.Outcome] = counts.GetValueOrDefault(result.Outcome) + 1;
                output.WriteLine(Line(result));
            }
        }
        catch (Exception exception) when (exception is DirectoryNotFoundException or InvalidDataException)
        {
            errors.WriteLine(exception.Message);
            return 2;
        }

        output.WriteLine(
            $"{Count(CaseOutcome.Passed)} passed, {Count(CaseOutcome.Failed)} failed, "
            + $"{Count(CaseOutcome.Skipped)} skipped");
        return Count(CaseOutcome.Failed) > 0 ? 1 : 0;

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
