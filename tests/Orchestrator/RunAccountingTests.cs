using Mlops.Orchestrator.Api;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Orchestrator;
using Mlops.Orchestrator.Runs;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator;

/// <summary>Random lives of a run: workers die, freeze, stop, begin again; people cancel and resume.</summary>
public sealed class RunAccountingTests
{
    private readonly ManualTime _time = new();
    private readonly RunDecisions _decisions = new(new OrchestratorOptions
    {
        HistoryFile = "unused", Retries = 100, MaxLeaseLosses = 100,
    });

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    [Fact]
    public void Waiting_work_and_pauses_add_up_to_the_wall_time_whatever_happens()
    {
        var outcomes = new HashSet<AttemptOutcome>();
        for (var seed = 0; seed < 300; seed++)
        {
            var run = Live(new Random(seed));
            outcomes.UnionWith(run.Attempts.Select(attempt => attempt.Outcome));

            var accounting = RunResponse.From(run, _time.GetUtcNow());

            Assert.InRange(accounting.AccountedSeconds, 0.99 * accounting.WallSeconds, 1.01 * accounting.WallSeconds);
            Assert.All(accounting.Attempts, line => Assert.True(line is { WaitedSeconds: >= 0, WorkedSeconds: >= 0 }));
            Assert.All(accounting.Attempts, line => Assert.InRange(line.WastedSeconds, 0, line.WorkedSeconds));
            Assert.Equal(run.AttemptsMade, run.Attempts.Count);
        }
        Assert.Equal(Enum.GetValues<AttemptOutcome>().Length - 1, outcomes.Except([AttemptOutcome.Open]).Count());
    }

    [Fact]
    public void What_a_lost_worker_did_after_its_last_checkpoint_is_wasted()
    {
        var accepted = Now;
        Pass(1);
        var state = _decisions.Start(null, Some.Run() with { StartedMs = accepted }, Now).State!;
        Pass(2);
        state = _decisions.Claim(state, Some.Claim(), duplicate: false, Now).Decision.State!;
        Pass(10);
        var heartbeat = Some.Heartbeat() with { Usage = new(9, 8, 70, 60, SavedSeconds: 4) };
        state = _decisions.Progress(state, heartbeat, Now).State!;
        Pass(20);
        state = _decisions.Expire(state, "scores", 1, Some.Execution, Now).State!;
        Pass(3);

        var accounting = RunResponse.From(state, _time.GetUtcNow());

        Assert.Equal((6, 30, 26), (accounting.WaitedSeconds, accounting.WorkedSeconds, accounting.WastedSeconds));
        Assert.Equal(
            (9, 8, 70, 60),
            (accounting.CpuSeconds, accounting.GpuSeconds, accounting.BytesRead, accounting.BytesWritten));
        Assert.Equal((36, 36), (accounting.WallSeconds, accounting.AccountedSeconds));
    }

    [Fact]
    public void A_worker_that_begins_again_under_its_name_opens_an_attempt_of_its_own()
    {
        var state = _decisions.Start(null, Some.Run() with { StartedMs = Now }, Now).State!;
        state = _decisions.Claim(state, Some.Claim(), duplicate: false, Now).Decision.State!;
        Pass(5);
        state = _decisions.Claim(state, Some.Claim(Some.OtherExecution), duplicate: false, Now).Decision.State!;
        Pass(1);

        var lines = RunAccounting.From(state, Now).Lines;

        Assert.Equal(
            [(AttemptOutcome.Replaced, 5.0, 5.0), (AttemptOutcome.Open, 1.0, 0.0)],
            lines.Select(line => (line.Attempt.Outcome, line.WorkedSeconds, line.Attempt.WastedSeconds)));
    }

    private RunState Live(Random random)
    {
        var state = _decisions.Start(null, Some.Run() with { StartedMs = Now }, Now).State!;
        for (var step = 0; step < 60 && state.Status != RunStatus.Completed; step++)
        {
            Pass(random.Next(0, 40_000) / 1000.0);
            state = Next(state, random).State ?? state;
        }
        return state;
    }

    private Decision Next(RunState state, Random random)
    {
        var job = state.Current!;
        var (execution, attempt) = (job.ExecutionId ?? Guid.Empty, job.Attempt);
        var usage = new Usage(1, 0, 2, 3, SavedSeconds: random.NextDouble() * 5);
        var claim = new ClaimLease(
            state.RunId, job.JobId, attempt, Guid.NewGuid(), random.Next(2) == 0 ? "w1" : "w2", "key");
        var result = new JobResult(job.JobId, attempt, execution, Some.Output, 1, random.Next(2) == 0, usage);
        var kind = random.Next(3) == 0 ? FailureKind.Cancelled : FailureKind.Transient;
        return random.Next(12) switch
        {
            0 => _decisions.Cancel(state, new CancelRun(state.RunId, "enough"), Now),
            1 or 2 => _decisions.Resume(state, Now),
            3 => _decisions.Complete(state, job.Kind, result, Now),
            4 => _decisions.Fail(
                state, new JobFailed(state.RunId, job.JobId, attempt, execution, kind, "it broke", usage), Now),
            5 => _decisions.Expire(state, job.JobId, attempt, execution, Now),
            6 => _decisions.Progress(
                state, new JobProgressed(state.RunId, job.JobId, attempt, execution, 0.1, "on", usage), Now),
            7 => _decisions.Release(state, job.JobId, Now),
            8 => _decisions.Claim(state, claim, duplicate: true, Now).Decision,
            _ => _decisions.Claim(state, claim, duplicate: false, Now).Decision,
        };
    }

    private void Pass(double seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));
}
