namespace Mlops.Contracts.Commands;

/// <summary>Takes up a run that was cancelled or interrupted, from its last checkpoints.</summary>
public sealed record ResumeRun(Guid RunId);
