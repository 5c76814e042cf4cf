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
        { Reason: not null } => $"not judged: {ReasonOf(run)}",
        { Status: RunStatus.Completed } => "not judged: its recipe evaluates nothing",
        _ => $"not judged: the run is {run.Status.ToString().ToLowerInvariant()}",
    };

    /// <summary>Why a run failed or was cancelled, in one line; null if it did neither.</summary>
    public static string? ReasonOf(RunResponse run)
    {
        var failed = run.Jobs.FirstOrDefault(job => job.Status == JobStatus.Failed);
        return run.Reason is null
            ? null
            : (failed is null ? "" : $"job '{failed.JobId}': ") + run.Reason.ReplaceLineEndings(" ");
    }

    private static string Number(double? share) => share?.ToString("0.###", CultureInfo.InvariantCulture) ?? "some";
}
