namespace Mlops.Orchestrator.Requests;

/// <summary>What became of a request.</summary>
public enum AnswerKind
{
    /// <summary>The run exists now and its first job is on its way.</summary>
    Started,

    /// <summary>The same was asked for before; the run of that time is the answer.</summary>
    Repeated,

    /// <summary>Something else was asked for before under the same name.</summary>
    Conflicting,

    /// <summary>No run can be made of it.</summary>
    Refused,
}

/// <summary>The answer to a request.</summary>
/// <param name="RunId">The run, also of a request that was refused.</param>
/// <param name="Reason">One sentence why there is no such run; null if there is one.</param>
public sealed record RunAnswer(Guid RunId, AnswerKind Kind, string? Reason = null);
