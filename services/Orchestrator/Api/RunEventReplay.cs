using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.Api;

/// <summary>Passes each event of a run on once, whether it comes from the stored state, the bus, or both.</summary>
public sealed class RunEventReplay
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JobProgressed> _lastHeartbeats = new(StringComparer.Ordinal);

    /// <summary>What has happened to a run so far, as events of the bus.</summary>
    public static IEnumerable<object> From(RunState run)
    {
        yield return new RunStarted(run.RunId, run.Recipe);
        foreach (var job in run.Jobs.Where(job => job.Attempt > 0))
        {
            yield return new JobDispatched(run.RunId, job.JobId, job.Kind, job.Attempt);
            if (job is { Status: JobStatus.Completed, Output: { } output })
                yield return new JobCompleted(
                    run.RunId, new JobResult(
                        job.JobId, job.Attempt, job.ExecutionId ?? Guid.Empty, output, job.Seconds, job.Cached));
            else if (job is { Status: JobStatus.Running, ExecutionId: { } execution, Activity: { } activity })
                yield return new JobProgressed(
                    run.RunId, job.JobId, job.Attempt, execution, job.Fraction, activity);
        }
        if (EndingOf(run) is { } ending)
            yield return ending;
    }

    /// <summary>What every job has made.</summary>
    public static IReadOnlyDictionary<string, ObjectRef> ArtifactsOf(RunState run) => run.Jobs
        .Where(job => job.Output is not null)
        .ToDictionary(job => job.JobId, job => job.Output!, StringComparer.Ordinal);

    /// <summary>Whether a run is over with this event, unless somebody resumes it.</summary>
    public static bool IsEnd(object message) => message is RunCompleted or RunFailed or RunCancelled;

    /// <summary>Whether this was not passed on yet.</summary>
    public bool IsNew(object message) => message switch
    {
        JobDispatched job => _seen.Add($"dispatched {job.Attempt} {job.JobId}"),
        JobProgressed heartbeat => !_seen.Contains(EndOf(heartbeat.JobId)) && IsFresh(heartbeat),
        JobFailed job => _seen.Add($"failed {job.ExecutionId} {job.JobId}"),
        JobCompleted { Result.JobId: var job } => _seen.Add(EndOf(job)),
        _ => _seen.Add(message.GetType().Name),
    };

    private static object? EndingOf(RunState run) => run.Status switch
    {
        RunStatus.Completed => new RunCompleted(run.RunId, ArtifactsOf(run)),
        RunStatus.Cancelled => new RunCancelled(run.RunId, run.Reason ?? ""),
        RunStatus.Failed => new RunFailed(
            run.RunId, run.Current?.JobId ?? "", run.Failure ?? FailureKind.Transient, run.Reason ?? ""),
        _ => null,
    };

    private static string EndOf(string jobId) => $"completed {jobId}";

    private bool IsFresh(JobProgressed heartbeat)
    {
        if (_lastHeartbeats.GetValueOrDefault(heartbeat.JobId) == heartbeat)
            return false;
        _lastHeartbeats[heartbeat.JobId] = heartbeat;
        return true;
    }
}
