using Mlops.Contracts.Commands;
using Mlops.Platform.Bus;
using Mlops.Tests.Support;

namespace Mlops.Tests.Infra;

/// <summary>What a deployment has to contain, from the code's side.</summary>
internal static class Deployed
{
    /// <summary>The workers: folder below <c>services</c>, name in compose and Kubernetes, command they take.</summary>
    public static IReadOnlyList<(string Folder, string Name, Type Command)> Workers { get; } =
    [
        ("ImportanceScoring", "importance-scoring", typeof(ScoreImportance)),
        ("ScheduleSearch", "schedule-search", typeof(SearchSchedule)),
        ("CoFinetuning", "co-finetuning", typeof(CoFinetune)),
        ("SparseExport", "sparse-export", typeof(ExportSparse)),
        ("Evaluation", "evaluation", typeof(Evaluate)),
    ];

    /// <summary>The queue of small work beside those of jobs.</summary>
    public static string Candidates { get; } = Endpoints.QueueOf(typeof(EvaluateCandidate));

    /// <summary>Folders below <c>services</c> that are programs of their own, without the command line.</summary>
    public static IEnumerable<string> Programs() => Directory.GetDirectories(Repository.Path("services"))
        .Where(folder => File.Exists(Path.Combine(folder, "Program.cs")))
        .Select(folder => Path.GetFileName(folder))
        .Where(name => name != "Cli")
        .Order(StringComparer.Ordinal);
}
