namespace Mlops.Contracts.Events;

/// <summary>The trained weights are stored, with their masks if there are any.</summary>
public sealed record CoFinetuned(Guid RunId, JobResult Result) : IJobEvent;
