namespace Mlops.Contracts.Events;

/// <summary>The samples are stored as a set of images.</summary>
public sealed record ImagesGenerated(Guid RunId, JobResult Result) : IJobEvent;
