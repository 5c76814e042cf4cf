using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Orchestrator;
using Mlops.Orchestrator.Runs;
using Mlops.Tests.Orchestrator.Support;

namespace Mlops.Tests.Orchestrator;

public sealed partial class RunDecisionsTests
{
    private const long Now = 50_000;

    private static readonly OrchestratorOptions Rules = new()
    {
        HistoryFile = "unused", Lease = TimeSpan.FromSeconds(10), Retries = 1, MaxLeaseLosses = 1,
        BackOff = TimeSpan.FromSeconds(3), LocalWorkerId = "w1",
    };

    private readonly RunDecisions _decisions = new(Rules);

    [Fact]
    public void Start_sends_the_first_job_with_its_inputs()
    {
        var decision = _decisions.Start(null, Some.Run(), Now);

        Assert.Equal([typeof(RunStarted), typeof(JobDispatched), typeof(ScoreImportance)], Types(decision));
        var order = decision.Messages.Select(message => message.Message).OfType<ScoreImportance>().Single().Job;
        Assert.Equal((1, 7, Some.Data), (order.Attempt, order.Seed, order.Inputs["data"]));
        Assert.Equal(JobStatus.Dispatched, decision.State!.Current!.Status);
    }

    [Fact]
    public void Start_of_a_run_that_is_there_does_nothing()
    {
        Assert.Same(Decision.None, _decisions.Start(Dispatched(), Some.Run(), Now));
    }

    [Fact]
    public void A_claim_of_a_free_attempt_is_granted_for_one_lease()
    {
        var (decision, answer) = _decisions.Claim(Dispatched(), Some.Claim(), duplicate: false, Now);

        Assert.Equal(LeaseDecision.Granted, answer.Decision);
        var job = decision.State!.Current!;
        Assert.Equal((Some.Execution, Now + 10_000), (job.ExecutionId, job.LeaseUntilMs));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9_999)]
    // A clock that jumps must not make a holder look dead; the watchdog notices the jump, and a claim could not.
    [InlineData(3_600_000)]
    public void A_claim_of_what_somebody_else_holds_is_held_whatever_the_clock_says(long later)
    {
        var (decision, answer) = _decisions.Claim(
            Leased(), Some.Claim(Some.OtherExecution, "w2"), duplicate: false, Now + later);

        Assert.Equal(LeaseDecision.Held, answer.Decision);
        Assert.True(answer.RetryAfterMs > 0);
        Assert.Same(Decision.None, decision);
    }

    [Fact]
    public void A_claim_is_granted_again_to_its_holder_and_to_its_restarted_process()
    {
        Assert.Equal(LeaseDecision.Granted, Ask(Some.Claim(), Now + 1));
        Assert.Equal(LeaseDecision.Granted, Ask(Some.Claim(Some.OtherExecution, "w1"), Now + 1));

        LeaseDecision Ask(ClaimLease claim, long now) =>
            _decisions.Claim(Leased(), claim, duplicate: false, now).Answer.Decision;
    }

    [Fact]
    public void A_claim_of_what_is_over_or_never_was_is_stale()
    {
        Assert.Equal(LeaseDecision.Stale, Ask(null, Some.Claim()));
        Assert.Equal(LeaseDecision.Stale, Ask(Dispatched(), Some.Claim(attempt: 2)));
        Assert.Equal(LeaseDecision.Stale, Ask(Dispatched(), Some.Claim(job: "evaluation")));
        Assert.Equal(LeaseDecision.Stale, Ask(Dispatched(), Some.Claim(job: "nothing")));
        Assert.Equal(LeaseDecision.Stale, Ask(Dispatched() with { Status = RunStatus.Cancelled }, Some.Claim()));

        LeaseDecision Ask(RunState? state, ClaimLease claim) =>
            _decisions.Claim(state, claim, duplicate: false, Now).Answer.Decision;
    }

    [Fact]
    public void A_command_that_nobody_claimed_is_sent_again_as_it_was()
    {
        var dispatched = Dispatched();
        var since = dispatched.OpenAttempt!.DispatchedMs;

        var decision = _decisions.Redispatch(dispatched, since, Now + 1);

        var command = Assert.IsType<ScoreImportance>(Assert.Single(decision.Messages).Message);
        Assert.Equal(1, command.Job.Attempt);
        Assert.Same(dispatched, decision.State);
        Assert.Same(Decision.None, _decisions.Redispatch(dispatched, since - 1, Now + 1));
        Assert.Same(Decision.None, _decisions.Redispatch(Leased(), since, Now + 1));
    }

    [Fact]
    public void Progress_of_the_holder_renews_its_lease()
    {
        var decision = _decisions.Progress(Leased(), Some.Heartbeat(), Now + 5_000);

        var job = decision.State!.Current!;
        Assert.Equal((Now + 15_000, 0.5, "half"), (job.LeaseUntilMs, job.Fraction, job.Activity));
        Assert.Empty(decision.Messages);
    }

    [Fact]
    public void Progress_of_anybody_else_is_answered_with_a_stop()
    {
        RunState[] states =
        [
            Leased(), Dispatched(), Leased() with { Status = RunStatus.Cancelled },
            Complete(Leased()),
        ];

        foreach (var state in states)
        {
            var decision = _decisions.Progress(state, Some.Heartbeat(Some.OtherExecution), Now);
            Assert.Null(decision.State);
            Assert.Equal(
                new CancelJob(Some.RunId, "scores", Some.OtherExecution), Assert.Single(decision.Messages).Message);
        }
    }

    [Fact]
    public void Progress_that_arrives_after_its_own_result_does_nothing()
    {
        Assert.Same(Decision.None, _decisions.Progress(Complete(Leased()), Some.Heartbeat(), Now));
        Assert.Same(Decision.None, _decisions.Progress(null, Some.Heartbeat(), Now));
    }

    [Fact]
    public void The_holders_result_is_accepted_and_the_next_job_gets_it()
    {
        var decision = _decisions.Complete(Leased(), JobKind.ScoreImportance, Some.Result(), Now);

        Assert.Equal([typeof(JobCompleted), typeof(JobDispatched), typeof(Evaluate)], Types(decision));
        var order = decision.Messages.Select(message => message.Message).OfType<Evaluate>().Single().Job;
        Assert.Equal(Some.Output, order.Inputs["scores"]);
        Assert.Equal(2.5, decision.State!.Jobs[0].Seconds);
    }

    [Fact]
    public void The_last_result_completes_the_run()
    {
        var claim = Some.Claim(job: "evaluation");
        var last = _decisions.Claim(Complete(Leased()), claim, duplicate: false, Now).Decision.State;

        var decision = _decisions.Complete(last, JobKind.Evaluate, Some.Result(job: "evaluation"), Now);

        Assert.Equal([typeof(JobCompleted), typeof(RunCompleted)], Types(decision));
        Assert.Equal((RunStatus.Completed, Now), (decision.State!.Status, decision.State.FinishedMs));
    }

    [Fact]
    public void A_result_that_is_a_duplicate_late_or_not_the_holders_does_nothing()
    {
        Refused(null, Some.Result());
        Refused(Dispatched(), Some.Result());
        Refused(Leased(), Some.Result(Some.OtherExecution));
        Refused(Leased(), Some.Result(attempt: 2));
        Refused(Leased(), Some.Result(job: "evaluation"));
        Refused(Complete(Leased()), Some.Result());
        Refused(Leased() with { Status = RunStatus.Failed }, Some.Result());
        Assert.Same(Decision.None, _decisions.Complete(Leased(), JobKind.Evaluate, Some.Result(), Now));

        void Refused(RunState? state, JobResult result) =>
            Assert.Same(Decision.None, _decisions.Complete(state, JobKind.ScoreImportance, result, Now));
    }

    private RunState Dispatched() => _decisions.Start(null, Some.Run(), Now).State!;

    private RunState Leased() => _decisions.Claim(Dispatched(), Some.Claim(), duplicate: false, Now).Decision.State!;

    private RunState Complete(RunState state) =>
        _decisions.Complete(state, JobKind.ScoreImportance, Some.Result(), Now).State!;

    private Decision Expire(RunState? state, long now) => _decisions.Expire(state, "scores", 1, Some.Execution, now);

    private static IEnumerable<Type> Types(Decision decision) =>
        decision.Messages.Select(message => message.Message.GetType());
}
