using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Orchestrator;
using Mlops.Orchestrator.Handlers;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Store;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator.Store;

/// <summary>Equal jobs of several runs: one is done, the others wait for as long.</summary>
public sealed class JobDuplicatesTests : IDisposable
{
    private const string Key = "the-key";

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly RunDecisions _decisions;
    private readonly StateStore _store;
    private readonly RunTransitions _transitions;
    private readonly Guid[] _runs = [.. Enumerable.Range(0, 3).Select(_ => Guid.NewGuid())];

    public JobDuplicatesTests()
    {
        var options = new OrchestratorOptions { HistoryFile = _folder.File("runs.db") };
        _decisions = new RunDecisions(options);
        _store = new StateStore(options, _time, []);
        _transitions = new RunTransitions(_store, _decisions, new RunPlanner(new RecipeBook(), []));
    }

    [Fact]
    public async Task The_first_to_claim_does_the_job_and_the_others_wait_without_a_command_on_its_way()
    {
        await StartAllAsync();

        Assert.Equal(
            [JobStatus.Running, JobStatus.WaitingForDuplicate, JobStatus.WaitingForDuplicate], await StatusesAsync());
        Assert.Empty(await CommandsAsync());
    }

    [Fact]
    public async Task A_result_sends_all_of_them_again()
    {
        await StartAllAsync();

        await ApplyAsync(0, state => _decisions.Complete(
            state, JobKind.ScoreImportance, Some.Result(ExecutionOf(0)), _store.Now));

        Assert.Equal([JobStatus.Completed, JobStatus.Dispatched, JobStatus.Dispatched], await StatusesAsync());
        Assert.Equal(
            _runs[1..].Order(), (await CommandsAsync()).OfType<ScoreImportance>().Select(sent => sent.RunId).Order());
    }

    [Fact]
    public async Task A_permanent_failure_lets_the_next_one_try()
    {
        await StartAllAsync();

        await ApplyAsync(0, state => _decisions.Fail(
            state, Some.Failure(FailureKind.Permanent, ExecutionOf(0)), _store.Now));

        Assert.Equal([JobStatus.Failed, JobStatus.Dispatched, JobStatus.WaitingForDuplicate], await StatusesAsync());
    }

    [Fact]
    public async Task A_lost_worker_lets_the_next_one_try()
    {
        await StartAllAsync();
        _time.Advance(TimeSpan.FromMinutes(2));

        await ApplyAsync(0, state => _decisions.Expire(state, "scores", 1, ExecutionOf(0), _store.Now));

        Assert.Equal(
            [JobStatus.Dispatched, JobStatus.Dispatched, JobStatus.WaitingForDuplicate], await StatusesAsync());
    }

    [Fact]
    public async Task A_cancelled_run_lets_the_next_one_try()
    {
        await StartAllAsync();

        await ApplyAsync(0, state => _decisions.Cancel(state, new CancelRun(_runs[0], "enough"), _store.Now));
        await ApplyAsync(0, state => _decisions.Fail(
            state, Some.Failure(FailureKind.Cancelled, ExecutionOf(0)), _store.Now));

        Assert.Equal([JobStatus.Waiting, JobStatus.Dispatched, JobStatus.WaitingForDuplicate], await StatusesAsync());
    }

    [Fact]
    public async Task A_waiting_run_is_cancelled_at_once_and_not_sent_again()
    {
        await StartAllAsync();

        await ApplyAsync(1, state => _decisions.Cancel(state, new CancelRun(_runs[1], "enough"), _store.Now));
        await ApplyAsync(0, state => _decisions.Complete(
            state, JobKind.ScoreImportance, Some.Result(ExecutionOf(0)), _store.Now));

        Assert.Equal([JobStatus.Completed, JobStatus.Waiting, JobStatus.Dispatched], await StatusesAsync());
    }

    [Fact]
    public async Task When_the_one_whose_turn_it_was_is_cancelled_the_watchdog_finds_those_behind_it()
    {
        await StartAllAsync();
        await ApplyAsync(0, state => _decisions.Fail(
            state, Some.Failure(FailureKind.Permanent, ExecutionOf(0)), _store.Now));
        await ReleaseOrphansAsync();
        Assert.Equal([JobStatus.Failed, JobStatus.Dispatched, JobStatus.WaitingForDuplicate], await StatusesAsync());
        await ApplyAsync(1, state => _decisions.Cancel(state, new CancelRun(_runs[1], "enough"), _store.Now));

        await ReleaseOrphansAsync();

        Assert.Equal([JobStatus.Failed, JobStatus.Waiting, JobStatus.Dispatched], await StatusesAsync());
    }

    [Fact]
    public async Task The_holder_asks_again_and_still_holds_and_a_waiting_command_that_comes_twice_still_waits()
    {
        await StartAllAsync();

        Assert.Equal(LeaseDecision.Granted, await ClaimAsync(0));
        Assert.Equal(LeaseDecision.Duplicate, await ClaimAsync(1));
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    private Guid ExecutionOf(int run) => _runs[run];

    private async Task StartAllAsync()
    {
        for (var run = 0; run < _runs.Length; run++)
        {
            var planned = Some.Run() with { RunId = _runs[run] };
            await ApplyAsync(run, _ => _decisions.Start(null, planned, _store.Now));
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        await CommandsAsync();
        for (var run = 0; run < _runs.Length; run++)
            await ClaimAsync(run);
    }

    private async Task<LeaseDecision> ClaimAsync(int run)
    {
        LeaseAnswered? answer = null;
        await _store.TransactAsync(
            async transaction =>
            {
                var claim = new ClaimLease(_runs[run], "scores", 1, ExecutionOf(run), $"w{run}", Key);
                var duplicate = await JobDuplicates.IsRunningAsync(transaction.Rows, _runs[run], Key, default);
                await _transitions.ApplyAsync(
                    transaction, _runs[run],
                    state =>
                    {
                        (var decision, answer) = _decisions.Claim(state, claim, duplicate, _store.Now);
                        return decision;
                    },
                    default);
            },
            default);
        return answer!.Decision;
    }

    private Task ApplyAsync(int run, Func<RunState?, Decision> decide) =>
        _transitions.ApplyAsync(_runs[run], messageId: null, decide, default);

    // As the watchdog does.
    private async Task ReleaseOrphansAsync()
    {
        foreach (var key in await new OpenWork(_store).OrphanedKeysAsync(default))
            await _store.TransactAsync(
                transaction => _transitions.ReleaseAsync(transaction, key, atMost: 1, default), default);
    }

    private async Task<JobStatus[]> StatusesAsync()
    {
        var queries = new RunQueries(_folder.File("runs.db"));
        var statuses = new List<JobStatus>();
        foreach (var run in _runs)
            statuses.Add((await queries.FindAsync(run, default))!.Jobs[0].Status);
        return [.. statuses];
    }

    private async Task<List<object>> CommandsAsync()
    {
        var sent = new List<object>();
        await new Outbox(_store).DrainAsync(
            (row, _) =>
            {
                sent.Add(row.ToMessage());
                return Task.CompletedTask;
            },
            (_, exception) => throw exception, default);
        return sent;
    }
}
