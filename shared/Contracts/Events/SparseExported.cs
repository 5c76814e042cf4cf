namespace Mlops.Contracts.Events;

/// <summary>The pruned model is stored.</summary>
public sealed record SparseExported(Guid RunId, JobResult Result) : IJobEvent;
