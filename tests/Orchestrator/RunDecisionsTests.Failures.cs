using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Runs;
using Mlops.Tests.Orchestrator.Support;

namespace Mlops.Tests.Orchestrator;

/// <summary>Failures, cancels, lost leases and restarts.</summary>
public sealed partial class RunDecisionsTests
{
    [Fact]
    public void A_permanent_failure_ends_the_run()
    {
        var decision = _decisions.Fail(Leased(), Some.Failure(FailureKind.Permanent), Now);

        var message = Assert.Single(decision.Messages).Message;
        Assert.Equal(new RunFailed(Some.RunId, "scores", FailureKind.Permanent, "it broke"), message);
        Assert.Equal(RunStatus.Failed, decision.State!.Status);
    }

    [Fact]
    public void A_transient_failure_is_tried_again_later_and_only_so_often()
    {
        var first = _decisions.Fail(Leased(), Some.Failure(FailureKind.Transient), Now);

        Assert.Equal([typeof(JobDispatched), typeof(ScoreImportance)], Types(first));
        Assert.All(first.Messages, message => Assert.Equal(Now + 3_000, message.DueMs));
        Assert.Equal(2, first.State!.Current!.Attempt);
        var leased = _decisions.Claim(first.State, Some.Claim(attempt: 2), duplicate: false, Now).Decision.State;
        var second = _decisions.Fail(leased, Some.Failure(FailureKind.Transient, attempt: 2), Now);
        Assert.Equal(RunStatus.Failed, second.State!.Status);
        Assert.EndsWith("(tried 2 times)", second.State.Reason);
    }

    [Fact]
    public void A_failure_that_is_not_the_holders_does_nothing()
    {
        Assert.Same(Decision.None, _decisions.Fail(null, Some.Failure(FailureKind.Permanent), Now));
        Assert.Same(Decision.None, _decisions.Fail(Dispatched(), Some.Failure(FailureKind.Permanent), Now));
        Assert.Same(
            Decision.None, _decisions.Fail(Leased(), Some.Failure(FailureKind.Permanent, Some.OtherExecution), Now));
        Assert.Same(
            Decision.None, _decisions.Fail(Leased(), Some.Failure(FailureKind.Permanent, attempt: 2), Now));
    }

    [Fact]
    public void A_worker_that_stops_gives_its_job_back_for_another_attempt()
    {
        var decision = _decisions.Fail(Leased(), Some.Failure(FailureKind.Cancelled), Now);

        Assert.Equal([typeof(JobDispatched), typeof(ScoreImportance)], Types(decision));
        Assert.Equal((2, 0), (decision.State!.Current!.Attempt, decision.State.Current.Failures));
    }

    [Fact]
    public void Cancel_asks_the_holder_and_ends_when_it_answers()
    {
        var asked = _decisions.Cancel(Leased(), new CancelRun(Some.RunId, "enough"), Now);

        Assert.Equal(new CancelJob(Some.RunId, "scores", Some.Execution), Assert.Single(asked.Messages).Message);
        Assert.Equal(RunStatus.Cancelling, asked.State!.Status);
        var ended = _decisions.Fail(asked.State, Some.Failure(FailureKind.Cancelled), Now);
        Assert.Equal(new RunCancelled(Some.RunId, "enough"), Assert.Single(ended.Messages).Message);
        Assert.Equal(RunStatus.Cancelled, ended.State!.Status);
    }

    [Fact]
    public void Cancel_without_a_holder_ends_at_once_and_of_an_ended_run_does_nothing()
    {
        var cancel = new CancelRun(Some.RunId, "enough");

        Assert.Equal([typeof(RunCancelled)], Types(_decisions.Cancel(Dispatched(), cancel, Now)));
        Assert.Same(Decision.None, _decisions.Cancel(null, cancel, Now));
        Assert.Same(
            Decision.None, _decisions.Cancel(Dispatched() with { Status = RunStatus.Completed }, cancel, Now));
    }

    [Fact]
    public void While_cancelling_a_result_is_kept_and_progress_repeats_the_stop()
    {
        var cancelling = _decisions.Cancel(Leased(), new CancelRun(Some.RunId, "enough"), Now).State;

        var heartbeat = _decisions.Progress(cancelling, Some.Heartbeat(), Now);
        var done = _decisions.Complete(cancelling, JobKind.ScoreImportance, Some.Result(), Now);

        Assert.Equal([typeof(CancelJob)], Types(heartbeat));
        Assert.Equal([typeof(JobCompleted), typeof(RunCancelled)], Types(done));
        Assert.Equal(JobStatus.Completed, done.State!.Jobs[0].Status);
    }

    [Fact]
    public void Resume_sends_the_first_job_without_a_result_as_a_new_attempt()
    {
        var cancelled = _decisions.Cancel(Dispatched(), new CancelRun(Some.RunId, "enough"), Now).State;

        var decision = _decisions.Resume(cancelled, Now);

        Assert.Equal([typeof(RunStarted), typeof(JobDispatched), typeof(ScoreImportance)], Types(decision));
        Assert.Equal((RunStatus.Running, 2), (decision.State!.Status, decision.State.Current!.Attempt));
        Assert.Same(Decision.None, _decisions.Resume(decision.State, Now));
        Assert.Same(Decision.None, _decisions.Resume(null, Now));
    }

    [Fact]
    public void A_worker_without_heartbeats_loses_its_job_once_its_lease_expires()
    {
        Assert.Same(Decision.None, Expire(Leased(), Now + 9_999));

        var decision = Expire(Leased(), Now + 10_000);

        Assert.Equal([typeof(CancelJob), typeof(JobDispatched), typeof(ScoreImportance)], Types(decision));
        Assert.Equal((2, 1), (decision.State!.Current!.Attempt, decision.State.Current.LeaseLosses));
        Assert.Same(Decision.None, Expire(decision.State, Now + 99_999));
        Assert.Same(Decision.None, Expire(null, Now + 99_999));
    }

    [Fact]
    public void A_lease_from_before_the_clock_was_put_back_is_over()
    {
        Assert.Same(Decision.None, Expire(Leased(), Now));
        Assert.Same(Decision.None, Expire(Leased(), Now + 9_999));
        // Clocks are set by a second or two all the time.
        Assert.Same(Decision.None, Expire(Leased(), Now - 4_999));

        Assert.Contains(typeof(ScoreImportance), Types(Expire(Leased(), Now - 3_600_000)));
    }

    [Fact]
    public void A_job_that_kills_its_workers_ends_the_run()
    {
        var leased = Leased();
        var onceLost = leased.With(leased.Current! with { LeaseLosses = 1 });

        var decision = Expire(onceLost, Now + 10_000);

        Assert.Equal([typeof(RunFailed)], Types(decision));
    }

    [Fact]
    public void A_job_that_kills_its_worker_again_and_again_ends_the_run_though_the_worker_keeps_its_name()
    {
        var (again, first) = _decisions.Claim(Leased(), Some.Claim(Some.OtherExecution), duplicate: false, Now);

        var (ended, second) = _decisions.Claim(again.State, Some.Claim(Guid.NewGuid()), duplicate: false, Now);

        Assert.Equal((LeaseDecision.Granted, 1), (first.Decision, again.State!.Current!.LeaseLosses));
        Assert.Equal((LeaseDecision.Stale, RunStatus.Failed), (second.Decision, ended.State!.Status));
        Assert.Equal([typeof(RunFailed)], Types(ended));
    }

    [Fact]
    public void A_run_that_waits_for_a_lost_worker_is_cancelled_without_it()
    {
        var cancelling = _decisions.Cancel(Leased(), new CancelRun(Some.RunId, "enough"), Now).State;

        Assert.Equal([typeof(CancelJob), typeof(RunCancelled)], Types(Expire(cancelling, Now + 10_000)));
    }

    [Fact]
    public void Recovery_repeats_the_current_command_unchanged()
    {
        var decision = _decisions.Recover(Leased(), Now);

        var command = Assert.IsType<ScoreImportance>(Assert.Single(decision.Messages).Message);
        Assert.Equal(1, command.Job.Attempt);
        Assert.Equal(Some.Execution, decision.State!.Current!.ExecutionId);
    }

    [Fact]
    public void Recovery_ends_what_was_being_cancelled_by_a_worker_that_died_with_this_process()
    {
        var cancelling = _decisions.Cancel(Leased(), new CancelRun(Some.RunId, "enough"), Now).State!;

        Assert.Equal([typeof(RunCancelled)], Types(_decisions.Recover(cancelling, Now)));
        var elsewhere = cancelling.With(cancelling.Current! with { WorkerId = "w2" });
        Assert.Same(Decision.None, _decisions.Recover(elsewhere, Now));
        Assert.Same(Decision.None, _decisions.Recover(cancelling with { Status = RunStatus.Failed }, Now));
    }
}
