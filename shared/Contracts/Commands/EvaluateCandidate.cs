namespace Mlops.Contracts.Commands;

/// <summary>Scores one candidate schedule of a search; any worker may answer, a repeat gives the same number.</summary>
/// <param name="Probe">The fixed noises, labels, dense reference and levels that all candidates share.</param>
/// <param name="Levels">One integer level per stage, cleanest stage first.</param>
/// <param name="First">Index of the first noise of the probe that judges.</param>
/// <param name="Count">How many do.</param>
public sealed record EvaluateCandidate(
    Guid RunId, string JobId, ObjectRef Probe, IReadOnlyList<int> Levels, int First, int Count);
