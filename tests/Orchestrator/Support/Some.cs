using System.Collections.Immutable;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Runs;

namespace Mlops.Tests.Orchestrator.Support;

/// <summary>Throw-away runs and messages.</summary>
internal static class Some
{
    public static readonly Guid RunId = Guid.Parse("11111111-2222-3333-4444-555555555555");
    public static readonly Guid Execution = Guid.Parse("aaaaaaaa-0000-0000-0000-000000000001");
    public static readonly Guid OtherExecution = Guid.Parse("bbbbbbbb-0000-0000-0000-000000000002");
    public static readonly ObjectRef Data = new(new string('d', 64), 1);
    public static readonly ObjectRef Output = new(new string('e', 64), 2);

    /// <summary>A planned run: scores, then evaluation.</summary>
    public static RunState Run() => new(
        RunId, "two-jobs", Seed: 7, Macs: 0.65,
        ImmutableSortedDictionary<string, ObjectRef>.Empty.Add("data", Data),
        [
            new JobState("scores", JobKind.ScoreImportance, Uses(("data", "data")), """{"method":"random"}"""),
            new JobState("evaluation", JobKind.Evaluate, Uses(("data", "data"), ("scores", "scores")), "{}"),
        ],
        StartedMs: 1000);

    public static ClaimLease Claim(
        Guid? execution = null, string worker = "w1", int attempt = 1, string job = "scores") =>
        new(RunId, job, attempt, execution ?? Execution, worker);

    public static JobResult Result(Guid? execution = null, int attempt = 1, string job = "scores") =>
        new(job, attempt, execution ?? Execution, Output, Seconds: 2.5, Cached: false);

    public static JobFailed Failure(FailureKind kind, Guid? execution = null, int attempt = 1) =>
        new(RunId, "scores", attempt, execution ?? Execution, kind, "it broke");

    public static JobProgressed Heartbeat(Guid? execution = null, int attempt = 1) =>
        new(RunId, "scores", attempt, execution ?? Execution, 0.5, "half");

    private static ImmutableSortedDictionary<string, string> Uses(params (string Role, string Source)[] uses) =>
        uses.ToImmutableSortedDictionary(use => use.Role, use => use.Source, StringComparer.Ordinal);
}
