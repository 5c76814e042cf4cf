namespace Mlops.Contracts;

/// <summary>
/// The outcome of one execution of a job, accepted only while its <paramref name="ExecutionId"/> holds the lease.
/// </summary>
/// <param name="JobId">The job's name in its recipe.</param>
/// <param name="Attempt">The dispatch that was answered.</param>
/// <param name="ExecutionId">The execution that claimed the lease.</param>
/// <param name="Output">The manifest of the artifact that was made.</param>
/// <param name="Seconds">Wall time of the execution.</param>
/// <param name="Cached">Whether an earlier result was found and nothing had to be computed.</param>
/// <param name="Usage">What it took; null from a worker that does not say.</param>
public sealed record JobResult(
    string JobId, int Attempt, Guid ExecutionId, ObjectRef Output, double Seconds, bool Cached,
    Usage? Usage = null);
