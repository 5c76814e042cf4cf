namespace Mlops.Contracts.Commands;

/// <summary>Sent to every worker: whoever executes this job saves its progress and stops.</summary>
public sealed record CancelJob(Guid RunId, string JobId);
