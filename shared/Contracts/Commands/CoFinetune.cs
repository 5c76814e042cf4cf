namespace Mlops.Contracts.Commands;

/// <summary>Trains: the dense model, a pruned student, or ALTER's hypernetwork together with the backbone.</summary>
public sealed record CoFinetune(Guid RunId, JobOrder Job) : IJobCommand;
