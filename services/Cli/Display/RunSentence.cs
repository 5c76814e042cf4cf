using System.Globalization;
using Mlops.Orchestrator.Api;
using Mlops.Orchestrator.Runs;

namespace Mlops.Cli.Display;

/// <summary>What came of a run, in one sentence.</summary>
public static class RunSentence
{
    /// <summary>The verdict and its reasons; without one, why there is none.</summary>
    public static string Of(RunResponse run) => run switch
    {
        { Evaluation: { Verdict: RunVerdict.Pass } passed } => $"pass: {passed.Method} keeps "
            + $"{Number(passed.Kept)} of the MACs, and every check of the gate passed",
        { Evaluation: { Verdict: RunVerdict.Fail } failed } => $"FAIL: {failed.Method} keeps "
            + $"{Number(failed.Kept)} of the MACs, but {string.Join("; ", failed.Reasons)}",
        { Evaluation: { } unreadable } => $"not judged: {string.Join("; ", unreadable.Reasons)}",
        { Reason: { } reason } => $"not judged: {reason.ReplaceLineEndings(" ")}",
        { Status: RunStatus.Completed } => "not judged: its recipe evaluates nothing",
        _ => $"not judged: the run is {run.Status.ToString().ToLowerInvariant()}",
    };

    private static string Number(double? share) => share?.ToString("0.###", CultureInfo.InvariantCulture) ?? "some";
}
