namespace Mlops.Contracts.Events;

/// <summary>The measurements are stored.</summary>
public sealed record Evaluated(Guid RunId, JobResult Result) : IJobEvent;
