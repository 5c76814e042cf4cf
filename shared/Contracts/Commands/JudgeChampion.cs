namespace Mlops.Contracts.Commands;

/// <summary>Holds the result of a scheduled run against the champion of its schedule; a repeat does nothing.</summary>
public sealed record JudgeChampion(Guid RunId, string Schedule);
