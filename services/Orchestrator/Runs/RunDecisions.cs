using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;

namespace Mlops.Orchestrator.Runs;

/// <summary>
/// The run state machine: pure functions of state, message and time (Unix milliseconds). A guard that fails means a
/// duplicate or late message and gives <see cref="Decision.None"/>. Only the execution that holds a job's lease is
/// believed, so each job completes once, no matter who else still works on it.
/// </summary>
public sealed class RunDecisions(OrchestratorOptions rules)
{
    /// <summary>Clocks are set by less than this all the time; it is not taken for a jump.</summary>
    public static readonly TimeSpan LargestClockDrift = TimeSpan.FromSeconds(5);

    private const int AskAgainMs = 1000;

    // A worker that stops gives its job back; by then it has left the queue, so that another gets the command.
    private const int ReleaseDelayMs = 2000;
    private const long LongestBackOffMs = 5 * 60 * 1000;

    private long LeaseMs => (long)rules.Lease.TotalMilliseconds;

    /// <summary>Starts a planned run, unless it is there already.</summary>
    public Decision Start(RunState? state, RunState planned, long now) => state is not null
        ? Decision.None
        : Dispatch(planned, planned.Current!, now, delayMs: 0, new RunStarted(planned.RunId, planned.Recipe));

    /// <summary>Goes on with a run that was cancelled or has failed, at its first job without a result.</summary>
    public Decision Resume(RunState? state, long now)
    {
        if (state is not { Status: RunStatus.Cancelled or RunStatus.Failed, Current: { } job })
            return Decision.None;
        var again = state with { Status = RunStatus.Running, Reason = null, Failure = null, FinishedMs = null };
        var fresh = job with { Failures = 0, LeaseLosses = 0, FinishedMs = null };
        return Dispatch(again, fresh, now, delayMs: 0, new RunStarted(state.RunId, state.Recipe));
    }

    /// <summary>Asks the worker to stop; without one the run ends at once.</summary>
    public Decision Cancel(RunState? state, CancelRun message, long now)
    {
        if (state is not { Status: RunStatus.Running, Current: { } job })
            return Decision.None;
        var ending = state with { Status = RunStatus.Cancelling, Reason = message.Reason };
        return job is { Status: JobStatus.Running, ExecutionId: { } execution }
            ? WithMessages(ending, now, new CancelJob(state.RunId, job.JobId, execution))
            : EndCancelled(ending, job, now);
    }

    /// <summary>
    /// Gives the lease of a current attempt to one execution at a time; an attempt whose duplicate is being
    /// done waits for it.
    /// </summary>
    /// <param name="duplicate">Whether a job of another run with the same key is being done.</param>
    public (Decision Decision, LeaseAnswered Answer) Claim(
        RunState? state, ClaimLease message, bool duplicate, long now)
    {
        if (state is not { Status: RunStatus.Running, Current: { } job }
            || job.JobId != message.JobId || job.Attempt != message.Attempt
            || job.Status is JobStatus.Waiting or JobStatus.Completed or JobStatus.Failed)
            return (Decision.None, new LeaseAnswered(message.RunId, LeaseDecision.Stale, 0));
        // Whether the lease has expired is for the watchdog to say, whom no clock that jumps can deceive.
        var heldByOther = job.Status == JobStatus.Running && job.ExecutionId != message.ExecutionId;
        if (heldByOther && job.WorkerId != message.WorkerId)
            return (Decision.None, new LeaseAnswered(message.RunId, LeaseDecision.Held, AskAgainMs));
        if (job.Status == JobStatus.WaitingForDuplicate || (job.Status == JobStatus.Dispatched && duplicate))
            return (
                new(state.With(job with { Status = JobStatus.WaitingForDuplicate, Key = message.Key ?? job.Key }), []),
                new LeaseAnswered(message.RunId, LeaseDecision.Duplicate, 0));
        // Back under its old name: the process died with the job, perhaps of it.
        if (heldByOther && job.LeaseLosses >= rules.MaxLeaseLosses)
            return (
                EndLost(
                    state.EndAttempt(AttemptOutcome.Lost, now), job with { LeaseLosses = job.LeaseLosses + 1 }, now),
                new LeaseAnswered(message.RunId, LeaseDecision.Stale, 0));
        var leased = job with
        {
            Status = JobStatus.Running, ExecutionId = message.ExecutionId, WorkerId = message.WorkerId,
            LeaseUntilMs = now + LeaseMs, Key = message.Key, LeaseLosses = job.LeaseLosses + (heldByOther ? 1 : 0),
        };
        return (
            new(state.With(leased).BeginAttempt(leased, message, now), []),
            new LeaseAnswered(message.RunId, LeaseDecision.Granted, 0));
    }

    /// <summary>
    /// Sends a job again that waited for a duplicate, which has ended with a result to be found or without.
    /// </summary>
    public Decision Release(RunState? state, string jobId, long now) =>
        state is { Status: RunStatus.Running, Current: { Status: JobStatus.WaitingForDuplicate } job }
            && job.JobId == jobId
            ? Dispatch(state.EndAttempt(AttemptOutcome.WaitedForDuplicate, now), job, now, delayMs: 0)
            : Decision.None;

    /// <summary>Renews the lease; an execution without it is told to stop.</summary>
    public Decision Progress(RunState? state, JobProgressed message, long now)
    {
        var job = state?.Jobs.Find(job => job.JobId == message.JobId);
        if (state is null || job is null || Ended(job, message.ExecutionId))
            return Decision.None;
        var stop = new CancelJob(message.RunId, message.JobId, message.ExecutionId);
        if (!job.IsHeldBy(message.Attempt, message.ExecutionId)
            || state.Status is not (RunStatus.Running or RunStatus.Cancelling))
            return new(null, [new(stop, now)]);
        var renewed = state.With(job with
        {
            LeaseUntilMs = now + LeaseMs, Fraction = message.Fraction, Activity = message.Activity,
        }).NoteUsage(message.Usage);
        return state.Status == RunStatus.Cancelling ? WithMessages(renewed, now, stop) : new(renewed, []);
    }

    /// <summary>Accepts the result of the lease's holder and goes on to the next job.</summary>
    public Decision Complete(RunState? state, JobKind kind, JobResult result, long now)
    {
        if (state is not { Status: RunStatus.Running or RunStatus.Cancelling, Current: { } job }
            || job.JobId != result.JobId || job.Kind != kind || !job.IsHeldBy(result.Attempt, result.ExecutionId))
            return Decision.None;
        var done = state.With(job with
        {
            Status = JobStatus.Completed, Output = result.Output, Seconds = result.Seconds, Cached = result.Cached,
            LeaseUntilMs = null, Fraction = 1, Activity = null, Reason = null, FinishedMs = now,
        }).EndAttempt(
            result.Cached ? AttemptOutcome.Cached : AttemptOutcome.Completed, now, usage: result.Usage);
        var completed = new JobCompleted(state.RunId, result);
        if (done.Current is not { } next)
            return WithMessages(
                done with { Status = RunStatus.Completed, Reason = null, FinishedMs = now }, now, completed,
                new RunCompleted(state.RunId, done.Jobs.ToDictionary(each => each.JobId, each => each.Output!)));
        return state.Status == RunStatus.Cancelling
            ? EndCancelled(done, next, now, completed)
            : Dispatch(done, next, now, delayMs: 0, completed);
    }

    /// <summary>
    /// Permanent: the run ends. Transient: another attempt after a while. Cancelled: as asked, or given back.
    /// </summary>
    public Decision Fail(RunState? state, JobFailed message, long now)
    {
        if (state is not { Status: RunStatus.Running or RunStatus.Cancelling, Current: { } job }
            || job.JobId != message.JobId || !job.IsHeldBy(message.Attempt, message.ExecutionId))
            return Decision.None;
        var failed = job with { Reason = message.Reason };
        state = state.EndAttempt(OutcomeOf(state, message.Kind), now, message.Reason, message.Usage);
        if (state.Status == RunStatus.Cancelling)
            return EndCancelled(state, failed, now);
        return message.Kind switch
        {
            FailureKind.Cancelled => Dispatch(state, failed, now, ReleaseDelayMs),
            FailureKind.Transient when job.Failures < rules.Retries => Dispatch(
                state, failed with { Failures = job.Failures + 1 }, now, BackOffMs(job.Failures)),
            FailureKind.Transient => EndFailed(
                state, failed, message.Kind, $"{message.Reason} (tried {job.Failures + 1} times)", now),
            _ => EndFailed(state, failed, message.Kind, message.Reason, now),
        };
    }

    /// <summary>Gives a job whose lease expired to another worker.</summary>
    public Decision Expire(RunState? state, string jobId, int attempt, Guid executionId, long now)
    {
        if (state is not { Status: RunStatus.Running or RunStatus.Cancelling, Current: { } job }
            || job.JobId != jobId || !job.IsHeldBy(attempt, executionId) || !IsOver(job, now))
            return Decision.None;
        var lost = job with
        {
            LeaseLosses = job.LeaseLosses + 1, Reason = $"the lease of worker '{job.WorkerId}' expired",
        };
        var stop = new CancelJob(state.RunId, jobId, executionId);
        state = state.EndAttempt(AttemptOutcome.Lost, now, lost.Reason);
        if (state.Status == RunStatus.Cancelling)
            return EndCancelled(state, lost, now, stop);
        return job.LeaseLosses < rules.MaxLeaseLosses
            ? Dispatch(state, lost, now, delayMs: 0, stop)
            : EndLost(state, lost, now);
    }

    /// <summary>
    /// After a restart: whatever was on its way may be lost, so the current command is sent again as it was.
    /// </summary>
    public Decision Recover(RunState? state, long now) => state switch
    {
        { Status: RunStatus.Running, Current: { Status: JobStatus.Dispatched or JobStatus.Running } job } =>
            new(state, [JobCommands.Create(state, job, now)]),
        { Status: RunStatus.Cancelling, Current: { } job } when job.WorkerId == rules.LocalWorkerId =>
            EndCancelled(state, job, now),
        _ => Decision.None,
    };

    /// <summary>Sends a command again that no worker has claimed since a moment: it may be lost.</summary>
    public Decision Redispatch(RunState? state, long sinceMs, long now) =>
        state is { Status: RunStatus.Running, Current: { Status: JobStatus.Dispatched } job }
            && state.OpenAttempt?.DispatchedMs <= sinceMs
            ? new(state, [JobCommands.Create(state, job, now)])
            : Decision.None;

    private static AttemptOutcome OutcomeOf(RunState state, FailureKind kind) => kind != FailureKind.Cancelled
        ? AttemptOutcome.Failed
        : state.Status == RunStatus.Cancelling ? AttemptOutcome.Cancelled : AttemptOutcome.Returned;

    // No lease reaches further than its length: one that does was given before the clock was put back.
    private bool IsOver(JobState job, long now) =>
        job.LeaseUntilMs <= now || job.LeaseUntilMs > now + LeaseMs + (long)LargestClockDrift.TotalMilliseconds;

    private static bool Ended(JobState job, Guid executionId) =>
        job.ExecutionId == executionId && job.Status is JobStatus.Completed or JobStatus.Failed;

    private long BackOffMs(int failures) =>
        Math.Min(LongestBackOffMs, (long)rules.BackOff.TotalMilliseconds << Math.Min(failures, 20));

    private static Decision Dispatch(RunState state, JobState job, long now, long delayMs, params object[] before)
    {
        var sent = job with
        {
            Status = JobStatus.Dispatched, Attempt = job.Attempt + 1, ExecutionId = null, WorkerId = null,
            LeaseUntilMs = null, StartedMs = job.StartedMs ?? now,
        };
        var next = state.With(sent).OpenAttempt(sent, now);
        var announced = new JobDispatched(state.RunId, sent.JobId, sent.Kind, sent.Attempt);
        return new(next,
        [
            .. before.Select(message => new OutboxMessage(message, now)),
            new(announced, now + delayMs),
            JobCommands.Create(next, sent, now + delayMs),
        ]);
    }

    private static Decision EndCancelled(RunState state, JobState job, long now, params object[] before)
    {
        var stopped = job with { Status = JobStatus.Waiting, LeaseUntilMs = null };
        var reason = state.Reason ?? "cancelled";
        return WithMessages(
            state.With(stopped).EndAttempt(AttemptOutcome.Cancelled, now, reason) with
            {
                Status = RunStatus.Cancelled, FinishedMs = now,
            },
            now,
            [.. before, new RunCancelled(state.RunId, reason)]);
    }

    private static Decision EndLost(RunState state, JobState job, long now) => EndFailed(
        state, job, FailureKind.Transient,
        $"{job.LeaseLosses} leases expired during job '{job.JobId}'; see the logs of its workers", now);

    private static Decision EndFailed(RunState state, JobState job, FailureKind kind, string reason, long now)
    {
        var failed = job with { Status = JobStatus.Failed, LeaseUntilMs = null, Reason = reason, FinishedMs = now };
        return WithMessages(
            state.With(failed) with
            {
                Status = RunStatus.Failed, Reason = reason, Failure = kind, FinishedMs = now,
            },
            now, new RunFailed(state.RunId, job.JobId, kind, reason));
    }

    private static Decision WithMessages(RunState state, long now, params object[] messages) =>
        new(state, [.. messages.Select(message => new OutboxMessage(message, now))]);
}
