namespace Mlops.Contracts.Events;

/// <summary>The result of a scheduled run is the new champion of its schedule.</summary>
/// <param name="Champion">The artifact that names its model and evaluation.</param>
/// <param name="Reason">One sentence: what it is better at.</param>
public sealed record ChampionPromoted(Guid RunId, string Schedule, ObjectRef Champion, string Reason);

/// <summary>A scheduled run completed, and the champion of its schedule stays the one it was.</summary>
/// <param name="Reason">One sentence: what it lacks.</param>
public sealed record ChampionKept(Guid RunId, string Schedule, string Reason);
