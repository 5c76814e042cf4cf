namespace Mlops.Contracts.Events;

/// <summary>The orchestrator accepted a job's result: exactly one per job of a run.</summary>
public sealed record JobCompleted(Guid RunId, JobResult Result);
