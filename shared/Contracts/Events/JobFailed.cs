namespace Mlops.Contracts.Events;

/// <summary>An execution ended without a result.</summary>
/// <param name="Attempt">The dispatch that was executed.</param>
/// <param name="Kind">Whether another try can help.</param>
/// <param name="Reason">One sentence: what, where, how to fix it.</param>
/// <param name="Usage">What it took; null from a worker that does not say.</param>
public sealed record JobFailed(
    Guid RunId, string JobId, int Attempt, Guid ExecutionId, FailureKind Kind, string Reason,
    Usage? Usage = null);
