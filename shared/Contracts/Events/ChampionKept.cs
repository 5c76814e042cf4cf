namespace Mlops.Contracts.Events;

/// <summary>A scheduled run completed, and the champion of its schedule stays the one it was.</summary>
/// <param name="Reason">One sentence: what it lacks.</param>
public sealed record ChampionKept(Guid RunId, string Schedule, string Reason);
