namespace Mlops.Contracts.Commands;

/// <summary>Samples a model, so that a run without images has some that its model knows.</summary>
public sealed record GenerateImages(Guid RunId, JobOrder Job) : IJobCommand;
