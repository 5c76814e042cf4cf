namespace Mlops.Contracts.Events;

/// <summary>Answers <see cref="Commands.EvaluateCandidate"/>; higher fitness is better.</summary>
public sealed record CandidateEvaluated(Guid RunId, string JobId, IReadOnlyList<int> Levels, double Fitness);
