namespace Mlops.Orchestrator.Submission;

/// <summary>What became of a submission.</summary>
public enum SubmissionStatus
{
    /// <summary>The run exists now and its first job is on its way.</summary>
    Started,

    /// <summary>The same was submitted before; the run of that time is the answer.</summary>
    Repeated,

    /// <summary>Something else was submitted before under the same id.</summary>
    Conflicting,

    /// <summary>No run can be made of it.</summary>
    Refused,
}

/// <summary>The answer to a submission.</summary>
/// <param name="RunId">The run, also of a submission that was refused.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Reason">One sentence why there is no such run; null if there is one.</param>
public sealed record SubmissionResult(Guid RunId, SubmissionStatus Status, string? Reason = null);
