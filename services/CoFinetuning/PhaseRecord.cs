namespace Mlops.CoFinetuning;

/// <summary>A network that a phase of progressive pruning could have gone on with.</summary>
/// <param name="Budget">Kept ratio that it was made for, of the whole model's MACs.</param>
/// <param name="KeptRatio">What it keeps.</param>
/// <param name="Drops">Layers that it lacks and the network before it had.</param>
/// <param name="Ntk">λ_max/λ_min of its neural tangent kernel, mean of two batches; null where there was no choice.
/// </param>
/// <param name="Zico">Its ZiCo score.</param>
/// <param name="RankSum">Its ranks by both, added.</param>
public sealed record CandidateRecord(
    double Budget, double KeptRatio, IReadOnlyList<string> Drops, double? Ntk = null, double? Zico = null,
    int? RankSum = null);

/// <summary>How a phase of progressive pruning began.</summary>
/// <param name="Phase">1 for the first.</param>
/// <param name="Step">Its first step.</param>
/// <param name="Entropy">CED of every layer that there was, by name; empty where nothing was left to drop.</param>
/// <param name="Candidates">From the largest network to the smallest; equal ones once.</param>
/// <param name="Chosen">Index of the one that the phase trains.</param>
public sealed record PhaseRecord(
    int Phase, int Step, IReadOnlyDictionary<string, double> Entropy, IReadOnlyList<CandidateRecord> Candidates,
    int Chosen)
{
    /// <summary>Layers that went.</summary>
    internal IReadOnlyList<string> Dropped => Candidates[Chosen].Drops;
}
