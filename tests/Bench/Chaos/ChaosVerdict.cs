using Mlops.Contracts;
using Mlops.Orchestrator.Runs;

namespace Mlops.Bench.Chaos;

/// <summary>Compares what was left behind with what should be there.</summary>
/// <param name="states">As the orchestrator knows the runs.</param>
/// <param name="ids">The runs that were asked for.</param>
/// <param name="expected">For each of them: job to artifact, undisturbed.</param>
/// <param name="duplicated">Jobs of which more than one result was accepted.</param>
public sealed class ChaosVerdict(
    IReadOnlyList<RunState> states, IReadOnlyList<Guid> ids,
    IReadOnlyList<IReadOnlyDictionary<string, ObjectRef>> expected, IReadOnlyList<string> duplicated)
{
    /// <summary>The sentence of a campaign without a broken promise.</summary>
    public const string Clean = "Nothing was lost, doubled or stuck, and every digest is that of the undisturbed run.";

    private readonly Dictionary<Guid, RunState> _byId = states.ToDictionary(state => state.RunId);

    private int Lost => ids.Count(id => !_byId.ContainsKey(id));

    private int Failed => Known.Count(state => state.Status is RunStatus.Failed or RunStatus.Cancelled);

    private int Stuck => Known.Count(state => state.Status is RunStatus.Running or RunStatus.Cancelling);

    private IEnumerable<RunState> Known => ids.Where(_byId.ContainsKey).Select(id => _byId[id]);

    private int Broken => Lost + Failed + Stuck + duplicated.Count + OtherDigests;

    private int OtherDigests => ids.Index().Where(run => _byId.ContainsKey(run.Item))
        .Sum(run => _byId[run.Item].Jobs.Count(
            job => job.Output is { } output && output != expected[run.Index][job.JobId]));

    /// <summary>The numbers, and each broken promise as a sentence.</summary>
    public BenchmarkTable ToTable(ProcessKiller killer, double minutes)
    {
        var jobs = Known.Sum(state => state.Jobs.Count);
        var attempts = Known.Sum(state => state.Jobs.Sum(job => job.Attempt));
        return new BenchmarkTable(
            "chaos", "Short runs of all five services, each service and the orchestrator a process of its own, on "
            + "RabbitMQ and S3 of this machine; a kill -9 after every few steps that are on the disk; compared with "
            + "the same runs in one process, undisturbed.",
            ["what", "number"],
            [
                ["runs", N(ids.Count)], ["jobs", N(jobs)], ["minutes", BenchmarkTable.Number(minutes, "F1")],
                .. killer.Kills.Select(kill => (string[])[$"kills: {kill.Key}", N(kill.Value)]),
                ["processes that ended by themselves", N(killer.UnexpectedExits)],
                ["servers that came back only when asked again", N(killer.RepeatedStarts)],
                ["attempts", N(attempts)], ["runs lost", N(Lost)], ["runs failed", N(Failed)],
                ["runs stuck", N(Stuck)], ["results accepted twice", N(duplicated.Count)],
                ["digests unlike the undisturbed run's", N(OtherDigests)],
            ],
            [.. Complaints()])
        {
            Kept = Broken == 0,
        };
    }

    private IEnumerable<string> Complaints()
    {
        foreach (var state in Known.Where(state => state.Status != RunStatus.Completed).Take(5))
            yield return $"Run {state.RunId:N} is {state.Status}: {state.Reason ?? Current(state)}";
        foreach (var twice in duplicated.Take(5))
            yield return $"Accepted twice: {twice}";
        if (Broken == 0)
            yield return Clean;
    }

    private static string Current(RunState state) => state.Current is { } job
        ? $"job '{job.JobId}' is {job.Status}, attempt {job.Attempt}"
        : "no job is left";

    private static string N(int value) => BenchmarkTable.Number(value);
}
