namespace Mlops.Contracts.Commands;

/// <summary>Ends a run; its checkpoints stay, so that it can be resumed.</summary>
public sealed record CancelRun(Guid RunId, string Reason);
