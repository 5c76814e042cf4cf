namespace Mlops.Contracts;

/// <summary>The kinds of work; <see cref="JobKinds"/> says of each who does it.</summary>
public enum JobKind
{
    GenerateImages,
    ScoreImportance,
    SearchSchedule,
    CoFinetune,
    ExportSparse,
    Evaluate,
}
