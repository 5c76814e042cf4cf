namespace Mlops.Contracts.Events;

/// <summary>Every job of the recipe has its result.</summary>
public sealed record RunCompleted(Guid RunId, IReadOnlyDictionary<string, ObjectRef> Artifacts);
