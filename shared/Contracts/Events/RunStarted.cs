namespace Mlops.Contracts.Events;

/// <summary>The recipe was accepted and the first job is on its way.</summary>
public sealed record RunStarted(Guid RunId, string Recipe);
