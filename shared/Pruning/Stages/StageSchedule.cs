namespace Mlops.Pruning.Stages;

/// <summary>What is known beforehand of a schedule that leaves out layers, or channels, per stage.</summary>
/// <param name="Stages">Its stages.</param>
/// <param name="Guidance">Scale that it was searched with; null where nothing was sampled.</param>
public sealed record StageSchedule(StageBounds Stages, double? Guidance);
