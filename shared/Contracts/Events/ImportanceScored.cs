namespace Mlops.Contracts.Events;

/// <summary>The scores are stored; anyone holding the reference may read them.</summary>
public sealed record ImportanceScored(Guid RunId, JobResult Result) : IJobEvent;
