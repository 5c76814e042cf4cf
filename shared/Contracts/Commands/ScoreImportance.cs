namespace Mlops.Contracts.Commands;

/// <summary>Scores every prunable structure of a model, per stage of the trajectory.</summary>
public sealed record ScoreImportance(Guid RunId, JobOrder Job) : IJobCommand;
