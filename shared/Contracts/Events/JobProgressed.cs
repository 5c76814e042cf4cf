namespace Mlops.Contracts.Events;

/// <summary>The heartbeat of an execution: renews its lease and reports progress.</summary>
/// <param name="Fraction">Work done, in [0, 1].</param>
/// <param name="Activity">What is being done, in words: <c>step 120 of 600, loss 0.0312</c>.</param>
/// <param name="Usage">What it took so far; null from a worker that does not say.</param>
public sealed record JobProgressed(
    Guid RunId, string JobId, int Attempt, Guid ExecutionId, double Fraction, string Activity,
    Usage? Usage = null);
