namespace Mlops.Contracts.Events;

/// <summary>The scores are stored; anyone holding the reference may read them.</summary>
public sealed record ImportanceScored(Guid RunId, JobResult Result) : IJobEvent;

/// <summary>The best schedule found is stored.</summary>
public sealed record ScheduleSearched(Guid RunId, JobResult Result) : IJobEvent;

/// <summary>The trained weights are stored, with their masks if there are any.</summary>
public sealed record CoFinetuned(Guid RunId, JobResult Result) : IJobEvent;

/// <summary>The pruned model is stored.</summary>
public sealed record SparseExported(Guid RunId, JobResult Result) : IJobEvent;

/// <summary>The measurements are stored.</summary>
public sealed record Evaluated(Guid RunId, JobResult Result) : IJobEvent;

/// <summary>The samples are stored as a set of images.</summary>
public sealed record ImagesGenerated(Guid RunId, JobResult Result) : IJobEvent;
