using Mlops.Contracts;
using Mlops.Contracts.Commands;

namespace Mlops.Orchestrator.Runs;

/// <summary>
/// Accounts for attempts: at most one of a run is open, and each begins where the one before has ended unless the
/// run was at rest in between.
/// </summary>
internal static class Attempts
{
    /// <summary>A dispatch begins an attempt.</summary>
    public static RunState OpenAttempt(this RunState state, JobState job, long now) => state with
    {
        AttemptsMade = state.AttemptsMade + 1,
        Attempts = state.Attempts.Add(new(state.AttemptsMade + 1, job.JobId, job.Attempt, now)),
    };

    /// <summary>An execution begins; one that begins again in place of another ends that one.</summary>
    public static RunState BeginAttempt(this RunState state, JobState job, ClaimLease claim, long now)
    {
        if (state.OpenAttempt is { ExecutionId: { } execution })
        {
            if (execution == claim.ExecutionId)
                return state;
            state = state.EndAttempt(AttemptOutcome.Replaced, now).OpenAttempt(job, now);
        }
        return state.Change(attempt => attempt with
        {
            ExecutionId = claim.ExecutionId, WorkerId = claim.WorkerId, ClaimedMs = now, Key = claim.Key,
            KeyParts = claim.KeyParts,
        });
    }

    /// <summary>What a heartbeat says of its usage.</summary>
    public static RunState NoteUsage(this RunState state, Usage? usage) =>
        state.Change(attempt => attempt with { Usage = usage ?? attempt.Usage });

    /// <summary>Closes the open attempt, if there is one.</summary>
    public static RunState EndAttempt(
        this RunState state, AttemptOutcome outcome, long now, string? reason = null, Usage? usage = null) =>
        state.Change(attempt =>
        {
            var ended = attempt with
            {
                Outcome = outcome, EndedMs = now, Reason = reason, Usage = usage ?? attempt.Usage,
            };
            return ended with { WastedSeconds = WasteOf(ended) };
        });

    private static double WasteOf(AttemptState attempt) => attempt is { Succeeded: false, ClaimedMs: { } begin }
        ? Math.Max(0, (attempt.EndedMs!.Value - begin) / 1000.0 - attempt.Usage.SavedSeconds)
        : 0;

    private static RunState Change(this RunState state, Func<AttemptState, AttemptState> change) =>
        state.OpenAttempt is { } open
            ? state with { Attempts = state.Attempts.Replace(open, change(open)) }
            : state;
}
