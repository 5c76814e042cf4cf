namespace Mlops.Contracts.Events;

/// <summary>A job's command was sent; whoever watches the run may show it.</summary>
public sealed record JobDispatched(Guid RunId, string JobId, JobKind Kind, int Attempt);
