namespace Mlops.Contracts.Events;

/// <summary>Answers <see cref="Commands.ClaimLease"/>.</summary>
/// <param name="Decision">Whether the worker may execute the job now.</param>
/// <param name="RetryAfterMs">When the lease is held by somebody else: when to ask again.</param>
public sealed record LeaseAnswered(Guid RunId, LeaseDecision Decision, int RetryAfterMs);
