namespace Mlops.Contracts.Events;

/// <summary>A job could not be done; the reason is the job's own sentence.</summary>
public sealed record RunFailed(Guid RunId, string JobId, string Reason);
