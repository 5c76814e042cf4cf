using System.Text.Json;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;

namespace Mlops.Contracts;

/// <summary>How a kind of job is ordered and announced.</summary>
/// <param name="Kind">The kind; recipes say it in kebab-case.</param>
/// <param name="Service">The service that does such jobs.</param>
public sealed record JobKindInfo(
    JobKind Kind, string Service, Type Command, Type Event, Func<Guid, JobOrder, IJobCommand> Order,
    Func<Guid, JobResult, IJobEvent> Announce);

/// <summary>The table of all kinds of jobs: what queues, dispatch
/// and consumers know of a kind follows from its row.</summary>
public static class JobKinds
{
    /// <summary>One row per kind.</summary>
    public static IReadOnlyList<JobKindInfo> All { get; } =
    [
        Row(JobKind.GenerateImages, "evaluation",
            (run, job) => new GenerateImages(run, job), (run, result) => new ImagesGenerated(run, result)),
        Row(JobKind.ScoreImportance, "importance-scoring",
            (run, job) => new ScoreImportance(run, job), (run, result) => new ImportanceScored(run, result)),
        Row(JobKind.SearchSchedule, "schedule-search",
            (run, job) => new SearchSchedule(run, job), (run, result) => new ScheduleSearched(run, result)),
        Row(JobKind.CoFinetune, "co-finetuning",
            (run, job) => new CoFinetune(run, job), (run, result) => new CoFinetuned(run, result)),
        Row(JobKind.ExportSparse, "sparse-export",
            (run, job) => new ExportSparse(run, job), (run, result) => new SparseExported(run, result)),
        Row(JobKind.Evaluate, "evaluation",
            (run, job) => new Evaluate(run, job), (run, result) => new Evaluated(run, result)),
    ];

    /// <summary>The row of a kind.</summary>
    public static JobKindInfo Of(JobKind kind) => All.First(row => row.Kind == kind);

    /// <summary>The name of a kind in recipes, and of its queue: <c>score-importance</c>.</summary>
    public static string NameOf(JobKind kind) => JsonNamingPolicy.KebabCaseLower.ConvertName(kind.ToString());

    /// <summary>The kind whose command or event has this type.</summary>
    public static JobKindInfo Of(Type message) => All.First(row => row.Command == message || row.Event == message);

    private static JobKindInfo Row<TCommand, TEvent>(
        JobKind kind, string service, Func<Guid, JobOrder, TCommand> order, Func<Guid, JobResult, TEvent> announce)
        where TCommand : IJobCommand
        where TEvent : IJobEvent =>
        new(kind, service, typeof(TCommand), typeof(TEvent), (run, job) => order(run, job),
            (run, result) => announce(run, result));
}
