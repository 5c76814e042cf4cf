using Mlops.Contracts.Evaluations;

namespace Mlops.Cli;

/// <summary>What the process says to the shell.</summary>
public static class ExitCodes
{
    public const int Success = 0;

    /// <summary>A check failed, or the system did.</summary>
    public const int Failure = 1;

    /// <summary>The input was wrong; one sentence on standard error says what, where and how to fix it.</summary>
    public const int BadInput = 2;

    /// <summary>The run is done, but its verdict is that the pruned model may not stand in for the dense one.</summary>
    public const int GateFailed = 3;

    /// <summary>Interrupted by the user; the run can be resumed.</summary>
    public const int Interrupted = 130;

    /// <summary>What the results in a folder say: <see cref="GateFailed"/> where an evaluation did not pass.</summary>
    public static int Of(DirectoryInfo results) =>
        File.Exists(Path.Combine(results.FullName, EvaluationReport.FileName))
        && !EvaluationReport.Load(results.FullName).Verdict.Passed
            ? GateFailed
            : Success;
}
