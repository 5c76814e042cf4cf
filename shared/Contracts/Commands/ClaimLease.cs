namespace Mlops.Contracts.Commands;

/// <summary>
/// A worker asks to be the one that executes this attempt; answered by <see cref="Events.LeaseAnswered"/>.
/// </summary>
public sealed record ClaimLease(Guid RunId, string JobId, int Attempt, Guid ExecutionId, string WorkerId);
