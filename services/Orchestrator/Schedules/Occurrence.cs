using Mlops.Contracts.Commands;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Submission;

namespace Mlops.Orchestrator.Schedules;

/// <summary>What became of an occurrence.</summary>
public enum OccurrenceStatus
{
    /// <summary>Its run was started.</summary>
    Started,

    /// <summary>Its run starts once the one that it replaces has ended.</summary>
    Waiting,

    /// <summary>It has no run; the reason says why.</summary>
    Skipped,

    /// <summary>Its run was refused; the reason says why.</summary>
    Refused,
}

/// <summary>One planned time of a schedule, and what became of it.</summary>
/// <param name="RunId">
/// Follows from schedule and planned time, so however often it is triggered, there is one run.
/// </param>
/// <param name="Schedule">The schedule's name.</param>
/// <param name="PlannedMs">Unix milliseconds.</param>
/// <param name="Manual">Whether a person asked for it, instead of the calendar.</param>
public sealed record Occurrence(Guid RunId, string Schedule, long PlannedMs, bool Manual)
{
    /// <summary>What became of it.</summary>
    public OccurrenceStatus Status { get; init; }

    /// <summary>Why it was skipped or refused, or what is remarkable about its start.</summary>
    public string? Reason { get; init; }

    /// <summary>What is started once its turn comes; null unless it waits.</summary>
    public StartRun? Command { get; init; }

    /// <summary>Whether its result took the champion's place; null before the verdict.</summary>
    public bool? Promoted { get; init; }

    /// <summary>Why it did or did not.</summary>
    public string? Verdict { get; init; }

    /// <summary>When it is planned.</summary>
    public DateTimeOffset Planned => DateTimeOffset.FromUnixTimeMilliseconds(PlannedMs);

    /// <summary>An occurrence before anything has become of it.</summary>
    public static Occurrence Create(string schedule, DateTimeOffset planned, bool manual)
    {
        var ms = planned.ToUnixTimeMilliseconds();
        var name = FormattableString.Invariant($"schedule {schedule} {(manual ? "manual" : "planned")} {ms}");
        return new Occurrence(RunIds.From(name), schedule, ms, manual);
    }
}

/// <summary>What is known of a schedule's occurrences when a decision is made.</summary>
/// <param name="DecidedMs">The latest planned time that was decided; null before the first.</param>
/// <param name="Open">Started occurrences whose run has not ended.</param>
/// <param name="Waiting">The occurrence that waits for those.</param>
internal sealed record ScheduleState(long? DecidedMs, IReadOnlyList<OpenOccurrence> Open, Occurrence? Waiting);

/// <summary>An occurrence whose run has not ended.</summary>
internal sealed record OpenOccurrence(Occurrence Occurrence, RunStatus Status);

/// <summary>What follows from a look at a schedule.</summary>
/// <param name="Occurrences">New or changed ones, in order of time.</param>
/// <param name="Commands">Runs to start and to cancel, in order.</param>
internal sealed record ScheduleDecision(IReadOnlyList<Occurrence> Occurrences, IReadOnlyList<object> Commands);
