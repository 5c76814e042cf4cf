namespace Mlops.Verify;

/// <summary>How a fixture case ended.</summary>
public enum CaseOutcome
{
    Passed,
    Failed,
    Skipped,
}

/// <summary>One fixture case.</summary>
/// <param name="Name">Its folder, as seen from the folder that is verified.</param>
/// <param name="Outcome">Skipped means that its family is not built, never that something went wrong.</param>
/// <param name="MaxError">Error of the comparison that used up
/// most of its tolerance; NaN if nothing was compared.</param>
/// <param name="Tolerance">Tolerance of that comparison.</param>
/// <param name="Detail">Which comparison that was, why the case was skipped, or what broke.</param>
public sealed record CaseResult(string Name, CaseOutcome Outcome, double MaxError, double Tolerance, string Detail)
{
    /// <summary>A case whose family is not built.</summary>
    public static CaseResult Skipped(string name, string reason) =>
        new(name, CaseOutcome.Skipped, double.NaN, double.NaN, reason);

    /// <summary>A case that could not be compared.</summary>
    public static CaseResult Broken(string name, string reason) =>
        new(name, CaseOutcome.Failed, double.NaN, double.NaN, reason);

    /// <summary>Sums up comparisons: the case passes if all of them do.</summary>
    public static CaseResult From(string name, IReadOnlyList<CheckResult> checks)
    {
        var worst = CheckResult.Worst(checks);
        var failed = checks.Count(check => !check.Passed);
        var detail = failed == 0 ? $"{checks.Count} comparisons, closest: {worst.Name}"
            : $"{failed} of {checks.Count} comparisons failed, worst: {worst.Name}";
        return new CaseResult(
            name, failed == 0 ? CaseOutcome.Passed : CaseOutcome.Failed, worst.Error, worst.Tolerance, detail);
    }
}
