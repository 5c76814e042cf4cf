namespace Mlops.Contracts;

/// <summary>The five kinds of work, one service each.</summary>
public enum JobKind
{
    ScoreImportance,
    SearchSchedule,
    CoFinetune,
    ExportSparse,
    Evaluate,
}
