namespace Mlops.Contracts.Events;

/// <summary>The run was never started.</summary>
public sealed record RunRefused(Guid RunId, string Reason);
