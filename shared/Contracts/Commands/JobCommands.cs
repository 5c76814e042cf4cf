namespace Mlops.Contracts.Commands;

/// <summary>Scores every prunable structure of a model, per stage of the trajectory.</summary>
public sealed record ScoreImportance(Guid RunId, JobOrder Job) : IJobCommand;

/// <summary>Searches the sparsity level of every stage under a budget.</summary>
public sealed record SearchSchedule(Guid RunId, JobOrder Job) : IJobCommand;

/// <summary>Trains: the dense model, a pruned student, or ALTER's hypernetwork together with the backbone.</summary>
public sealed record CoFinetune(Guid RunId, JobOrder Job) : IJobCommand;

/// <summary>Writes the pruned model as files that standard tools load.</summary>
public sealed record ExportSparse(Guid RunId, JobOrder Job) : IJobCommand;

/// <summary>Measures a pruned model against its dense parent.</summary>
public sealed record Evaluate(Guid RunId, JobOrder Job) : IJobCommand;

/// <summary>Samples a model, so that a run without images has some that its model knows.</summary>
public sealed record GenerateImages(Guid RunId, JobOrder Job) : IJobCommand;
