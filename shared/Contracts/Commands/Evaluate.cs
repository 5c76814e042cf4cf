namespace Mlops.Contracts.Commands;

/// <summary>Measures a pruned model against its dense parent.</summary>
public sealed record Evaluate(Guid RunId, JobOrder Job) : IJobCommand;
