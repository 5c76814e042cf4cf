namespace Mlops.Contracts.Commands;

/// <summary>
/// A worker asks to be the one that executes this attempt; answered by <see cref="Events.LeaseAnswered"/>.
/// </summary>
/// <param name="Attempt">The dispatch that it has received.</param>
/// <param name="Key">Equal for jobs with equal results, of which one is executed at a time.</param>
/// <param name="KeyParts">What the key is made of, to say later what was different: <c>settings.steps</c>.</param>
public sealed record ClaimLease(
    Guid RunId, string JobId, int Attempt, Guid ExecutionId, string WorkerId, string? Key = null,
    IReadOnlyDictionary<string, string>? KeyParts = null);

/// <summary>
/// Sent to every worker: the one with this execution saves its progress and stops, because its lease is over.
/// </summary>
public sealed record CancelJob(Guid RunId, string JobId, Guid ExecutionId);
