namespace Mlops.Contracts.Events;

/// <summary>The recipe was accepted and the first job is on its way.</summary>
public sealed record RunStarted(Guid RunId, string Recipe);

/// <summary>Every job of the recipe has its result.</summary>
public sealed record RunCompleted(Guid RunId, IReadOnlyDictionary<string, ObjectRef> Artifacts);

/// <summary>A job could not be done; the reason is the job's own sentence.</summary>
/// <param name="JobId">The job that ended it.</param>
/// <param name="Kind">Permanent: the input is to blame. Transient: the tries are used up.</param>
/// <param name="Reason">One sentence: what, where, how to fix it.</param>
public sealed record RunFailed(Guid RunId, string JobId, FailureKind Kind, string Reason);

/// <summary>The run was ended on request; it can be resumed.</summary>
public sealed record RunCancelled(Guid RunId, string Reason);

/// <summary>The run was never started.</summary>
public sealed record RunRefused(Guid RunId, string Reason);
