namespace Mlops.Contracts.Commands;

/// <summary>Starts a run; a repeat with the same id does nothing.</summary>
/// <param name="RunId">Chosen by the sender, so that a repeated message is recognized.</param>
/// <param name="Recipe">A recipe's name, or its whole text (YAML or JSON).</param>
/// <param name="Inputs">
/// Artifacts that stand in for jobs of the recipe: <c>data</c> always, <c>model</c> if there is one.
/// </param>
/// <param name="Settings">Overrides: <c>seed</c>, <c>macs</c>, or <c>job.option</c>, as text.</param>
public sealed record StartRun(
    Guid RunId, string Recipe, IReadOnlyDictionary<string, ObjectRef> Inputs,
    IReadOnlyDictionary<string, string> Settings);

/// <summary>Ends a run; its checkpoints stay, so that it can be resumed.</summary>
public sealed record CancelRun(Guid RunId, string Reason);

/// <summary>Takes up a run that was cancelled or interrupted, from its last checkpoints.</summary>
public sealed record ResumeRun(Guid RunId);
