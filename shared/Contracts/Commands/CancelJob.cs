namespace Mlops.Contracts.Commands;

/// <summary>
/// Sent to every worker: the one with this execution saves its progress and stops, because its lease is over.
/// </summary>
public sealed record CancelJob(Guid RunId, string JobId, Guid ExecutionId);
