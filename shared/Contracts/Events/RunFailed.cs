namespace Mlops.Contracts.Events;

/// <summary>A job could not be done; the reason is the job's own sentence.</summary>
/// <param name="JobId">The job that ended it.</param>
/// <param name="Kind">Permanent: the input is to blame. Transient: the tries are used up.</param>
/// <param name="Reason">One sentence: what, where, how to fix it.</param>
public sealed record RunFailed(Guid RunId, string JobId, FailureKind Kind, string Reason);
