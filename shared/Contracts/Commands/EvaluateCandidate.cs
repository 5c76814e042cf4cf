namespace Mlops.Contracts.Commands;

/// <summary>Scores one candidate schedule of a search; any worker may answer, a repeat gives the same number.</summary>
/// <param name="Probe">The fixed noises, labels, dense reference and drop orders that all candidates share.</param>
/// <param name="Levels">One integer level per stage, cleanest stage first.</param>
public sealed record EvaluateCandidate(Guid RunId, string JobId, ObjectRef Probe, IReadOnlyList<int> Levels);
