namespace Mlops.Contracts.Commands;

/// <summary>Writes the pruned model as files that standard tools load.</summary>
public sealed record ExportSparse(Guid RunId, JobOrder Job) : IJobCommand;
