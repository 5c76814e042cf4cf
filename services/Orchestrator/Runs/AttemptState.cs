using System.Text.Json.Serialization;
using Mlops.Contracts;

namespace Mlops.Orchestrator.Runs;

/// <summary>How an attempt at a job went out.</summary>
public enum AttemptOutcome
{
    /// <summary>It has not ended.</summary>
    Open,

    /// <summary>It made the result.</summary>
    Completed,

    /// <summary>It found the result of an equal job.</summary>
    Cached,

    /// <summary>It failed.</summary>
    Failed,

    /// <summary>Its worker was stopped and gave it back.</summary>
    Returned,

    /// <summary>Its lease expired.</summary>
    Lost,

    /// <summary>Its worker was started anew and began again.</summary>
    Replaced,

    /// <summary>The run was cancelled.</summary>
    Cancelled,

    /// <summary>It waited until a duplicate had ended.</summary>
    WaitedForDuplicate,
}

/// <summary>One try at a job, from its dispatch to its end; all are kept. Times are Unix milliseconds.</summary>
/// <param name="Number">1 for the first of the run; whatever the job.</param>
/// <param name="Attempt">The dispatch; two tries share one if a worker began again.</param>
/// <param name="DispatchedMs">When its waiting began, a pause before a retry included.</param>
public sealed record AttemptState(int Number, string JobId, int Attempt, long DispatchedMs)
{
    /// <summary>The execution that held the lease.</summary>
    public Guid? ExecutionId { get; init; }

    /// <summary>The process of that execution.</summary>
    public string? WorkerId { get; init; }

    /// <summary>When its work began.</summary>
    public long? ClaimedMs { get; init; }

    /// <summary>When the orchestrator knew of its end.</summary>
    public long? EndedMs { get; init; }

    /// <summary>How it ended.</summary>
    public AttemptOutcome Outcome { get; init; }

    /// <summary>What it used, as far as is known.</summary>
    public Usage Usage { get; init; } = Usage.None;

    /// <summary>Time of work that came to nothing: neither in a result nor in a checkpoint.</summary>
    public double WastedSeconds { get; init; }

    /// <summary>Why it has no result.</summary>
    public string? Reason { get; init; }

    /// <summary>The key of the job, as its worker computed it.</summary>
    public string? Key { get; init; }

    /// <summary>What that key was made of.</summary>
    public IReadOnlyDictionary<string, string>? KeyParts { get; init; }

    /// <summary>Whether its work came to a result.</summary>
    [JsonIgnore]
    public bool Succeeded => Outcome is AttemptOutcome.Completed or AttemptOutcome.Cached;
}
