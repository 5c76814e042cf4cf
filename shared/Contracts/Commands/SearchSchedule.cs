namespace Mlops.Contracts.Commands;

/// <summary>Searches the sparsity level of every stage under a budget.</summary>
public sealed record SearchSchedule(Guid RunId, JobOrder Job) : IJobCommand;
