using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Mlops.Contracts;

namespace Mlops.Orchestrator.Runs;

/// <summary>Where a run is.</summary>
public enum RunStatus
{
    /// <summary>One of its jobs is on its way.</summary>
    Running,

    /// <summary>Its worker was asked to stop and has not answered yet.</summary>
    Cancelling,

    /// <summary>Ended on request; can be resumed.</summary>
    Cancelled,

    /// <summary>Every job has its result.</summary>
    Completed,

    /// <summary>A job could not be done; can be resumed once the cause is fixed.</summary>
    Failed,
}

/// <summary>Where a job is.</summary>
public enum JobStatus
{
    /// <summary>Not sent.</summary>
    Waiting,

    /// <summary>Its command was sent and nobody has claimed it.</summary>
    Dispatched,

    /// <summary>A duplicate, the equal job of another run, is being done; it is sent again after that.</summary>
    WaitingForDuplicate,

    /// <summary>An execution holds its lease.</summary>
    Running,

    /// <summary>Its result was accepted.</summary>
    Completed,

    /// <summary>Its failure ended the run.</summary>
    Failed,
}

/// <summary>Everything the orchestrator knows of one run. Times are Unix milliseconds.</summary>
/// <param name="Seed">Seed of all its jobs.</param>
/// <param name="Macs">Wanted kept ratio of the whole model's MACs.</param>
/// <param name="Inputs">What the run was given: name to manifest.</param>
/// <param name="Jobs">In order of execution.</param>
public sealed record RunState(
    Guid RunId, string Recipe, long Seed, double Macs, ImmutableSortedDictionary<string, ObjectRef> Inputs,
    ImmutableList<JobState> Jobs, long StartedMs)
{
    // For the database, which has jobs in rows of their own.
    private RunState(
        Guid runId, string recipe, long seed, double macs, ImmutableSortedDictionary<string, ObjectRef> inputs,
        long startedMs)
        : this(runId, recipe, seed, macs, inputs, [], startedMs)
    {
    }

    /// <summary>Where the run is.</summary>
    public RunStatus Status { get; init; } = RunStatus.Running;

    /// <summary>Why it failed or was cancelled.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether another try could help; null unless it failed.</summary>
    public FailureKind? Failure { get; init; }

    /// <summary>When it ended.</summary>
    public long? FinishedMs { get; init; }

    /// <summary>Tries at its jobs so far; the history hands decisions only the open one.</summary>
    public ImmutableList<AttemptState> Attempts { get; init; } = [];

    /// <summary>How many tries there were.</summary>
    public int AttemptsMade { get; init; }

    /// <summary>The try that is under way.</summary>
    [JsonIgnore]
    public AttemptState? OpenAttempt => Attempts.Find(attempt => attempt.EndedMs is null);

    /// <summary>The first job without a result.</summary>
    [JsonIgnore]
    public JobState? Current => Jobs.FirstOrDefault(job => job.Status != JobStatus.Completed);

    /// <summary>Whether nothing more happens unless somebody resumes it.</summary>
    [JsonIgnore]
    public bool HasEnded => Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled;

    /// <summary>The same run with one job changed.</summary>
    public RunState With(JobState job) =>
        this with { Jobs = Jobs.SetItem(Jobs.FindIndex(other => other.JobId == job.JobId), job) };
}

/// <summary>Everything the orchestrator knows of one job. Times are Unix milliseconds.</summary>
/// <param name="JobId">Unique in the run.</param>
/// <param name="Uses">Role to run input or earlier job.</param>
/// <param name="Settings">The service's options as a JSON object.</param>
public sealed record JobState(
    string JobId, JobKind Kind, ImmutableSortedDictionary<string, string> Uses, string Settings)
{
    /// <summary>Where the job is.</summary>
    public JobStatus Status { get; init; }

    /// <summary>Number of the latest dispatch; 0 before the first.</summary>
    public int Attempt { get; init; }

    /// <summary>Transient failures so far.</summary>
    public int Failures { get; init; }

    /// <summary>Leases lost so far.</summary>
    public int LeaseLosses { get; init; }

    /// <summary>The execution that holds the lease, or held it last.</summary>
    public Guid? ExecutionId { get; init; }

    /// <summary>The process of that execution.</summary>
    public string? WorkerId { get; init; }

    /// <summary>Its key, once a worker has said it.</summary>
    public string? Key { get; init; }

    /// <summary>Until when the lease holds without another heartbeat.</summary>
    public long? LeaseUntilMs { get; init; }

    /// <summary>The manifest of the result.</summary>
    public ObjectRef? Output { get; init; }

    /// <summary>Wall time of the accepted execution.</summary>
    public double Seconds { get; init; }

    /// <summary>Whether the result was found rather than made.</summary>
    public bool Cached { get; init; }

    /// <summary>Work done, in [0, 1].</summary>
    public double Fraction { get; init; }

    /// <summary>What is being done, in words.</summary>
    public string? Activity { get; init; }

    /// <summary>Why the last execution ended without a result.</summary>
    public string? Reason { get; init; }

    /// <summary>When it was first dispatched.</summary>
    public long? StartedMs { get; init; }

    /// <summary>When its result was accepted or its failure ended the run.</summary>
    public long? FinishedMs { get; init; }

    /// <summary>Whether this execution holds the lease.</summary>
    public bool IsHeldBy(int attempt, Guid executionId) =>
        Status == JobStatus.Running && Attempt == attempt && ExecutionId == executionId;
}
