using Mlops.Orchestrator.Requests;
using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.Schedules;

/// <summary>What became of one planned time.</summary>
public enum FireOutcome
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
/// <param name="RunId">Follows from schedule and planned time, so however often it fires, there is one run.</param>
/// <param name="PlannedMs">Unix milliseconds.</param>
/// <param name="ByHand">Whether a person asked for it, instead of the calendar.</param>
public sealed record Fire(Guid RunId, string Schedule, long PlannedMs, bool ByHand)
{
    /// <summary>What became of it.</summary>
    public FireOutcome Outcome { get; init; }

    /// <summary>Why it was skipped or refused, or what is remarkable about its start.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether its result took the champion's place; null before the verdict.</summary>
    public bool? Promoted { get; init; }

    /// <summary>Why it did or did not.</summary>
    public string? Verdict { get; init; }

    /// <summary>A planned time before anything has become of it.</summary>
    public static Fire Of(string schedule, DateTimeOffset planned, bool byHand)
    {
        var ms = planned.ToUnixTimeMilliseconds();
        var name = FormattableString.Invariant($"schedule {schedule} {(byHand ? "by hand" : "planned")} {ms}");
        return new Fire(RunIds.Of(name), schedule, ms, byHand);
    }
}

/// <summary>What is known of a schedule's fires when a decision is made.</summary>
/// <param name="DecidedMs">The latest planned time that was decided; null before the first.</param>
/// <param name="Open">Started fires whose run has not ended.</param>
/// <param name="Waiting">The fire that waits for those.</param>
/// <param name="Unjudged">Completed runs whose result has not been held against the champion.</param>
internal sealed record Situation(
    long? DecidedMs, IReadOnlyList<OpenFire> Open, Fire? Waiting, IReadOnlyList<Guid> Unjudged);

/// <summary>A fire whose run has not ended.</summary>
/// <param name="Status">Null while its command is on its way.</param>
internal sealed record OpenFire(Fire Fire, RunStatus? Status);

/// <summary>What to write down and what to send, both or neither.</summary>
/// <param name="Fires">New and changed ones.</param>
/// <param name="Messages">With the run that each is about.</param>
internal sealed record FireDecision(
    IReadOnlyList<Fire> Fires, IReadOnlyList<(Guid RunId, object Message)> Messages);
