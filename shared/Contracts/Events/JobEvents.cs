namespace Mlops.Contracts.Events;

/// <summary>A job's command was sent.</summary>
public sealed record JobDispatched(Guid RunId, string JobId, JobKind Kind, int Attempt);

/// <summary>The heartbeat of an execution: renews its lease and reports progress.</summary>
/// <param name="Fraction">Work done, in [0, 1].</param>
/// <param name="Activity">What is being done, in words: <c>step 120 of 600, loss 0.0312</c>.</param>
/// <param name="Usage">What it took so far; null from a worker that does not say.</param>
public sealed record JobProgressed(
    Guid RunId, string JobId, int Attempt, Guid ExecutionId, double Fraction, string Activity,
    Usage? Usage = null);

/// <summary>The orchestrator accepted a job's result: exactly one per job of a run.</summary>
public sealed record JobCompleted(Guid RunId, JobResult Result);

/// <summary>An execution ended without a result.</summary>
/// <param name="Attempt">The dispatch that was executed.</param>
/// <param name="Kind">Whether another try can help.</param>
/// <param name="Reason">One sentence: what, where, how to fix it.</param>
/// <param name="Usage">What it took; null from a worker that does not say.</param>
public sealed record JobFailed(
    Guid RunId, string JobId, int Attempt, Guid ExecutionId, FailureKind Kind, string Reason,
    Usage? Usage = null);
