namespace Mlops.Contracts.Events;

/// <summary>A job's command was sent.</summary>
public sealed record JobDispatched(Guid RunId, string JobId, JobKind Kind, int Attempt);
