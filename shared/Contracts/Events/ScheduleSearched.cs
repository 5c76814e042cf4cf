namespace Mlops.Contracts.Events;

/// <summary>The best schedule found is stored.</summary>
public sealed record ScheduleSearched(Guid RunId, JobResult Result) : IJobEvent;
