namespace Mlops.Contracts.Events;

/// <summary>The run was ended on request; it can be resumed.</summary>
public sealed record RunCancelled(Guid RunId, string Reason);
