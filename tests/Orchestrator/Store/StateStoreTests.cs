using System.Diagnostics.CodeAnalysis;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator;
using Mlops.Orchestrator.Handlers;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Store;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator.Store;

public sealed class StateStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly RunDecisions _decisions;
    private readonly OrchestratorOptions _options;
    private StateStore _store;
    private Outbox _outbox;
    private RunTransitions _runs;

    public StateStoreTests()
    {
        _options = new OrchestratorOptions { HistoryFile = _folder.File("runs.db") };
        _decisions = new RunDecisions(_options);
        Open();
    }

    [Fact]
    public async Task A_state_comes_back_as_it_was_kept()
    {
        await ApplyAsync(_ => _decisions.Start(null, Some.Run(), _store.Now));
        await ApplyAsync(state => _decisions.Claim(state, Some.Claim(), duplicate: false, _store.Now).Decision);
        await ApplyAsync(state => _decisions.Complete(state, JobKind.ScoreImportance, Some.Result(), _store.Now));

        Restart();

        var state = await StateAsync();
        Assert.Equal(["scores", "evaluation"], state!.Jobs.Select(job => job.JobId));
        var scores = state.Jobs[0];
        Assert.Equal(
            (JobStatus.Completed, Some.Output, Some.Execution), (scores.Status, scores.Output, scores.ExecutionId));
        Assert.Equal((JobStatus.Dispatched, 1), (state.Jobs[1].Status, state.Jobs[1].Attempt));
        Assert.Equal(("scores", Some.Data, 0.65), (state.Jobs[1].Uses["scores"], state.Inputs["data"], state.Macs));
    }

    [Fact]
    public async Task A_second_delivery_of_a_message_changes_nothing()
    {
        var messageId = Guid.NewGuid();
        await _runs.ApplyAsync(Some.RunId, messageId, _ => _decisions.Start(null, Some.Run(), 0), default);
        await DrainAsync();
        Restart();

        await _runs.ApplyAsync(
            Some.RunId, messageId, _ => throw new InvalidOperationException("not asked"), default);

        Assert.Empty(await DrainAsync());
    }

    [Fact]
    public async Task A_crash_before_the_commit_leaves_no_trace_and_the_redelivery_counts()
    {
        var messageId = Guid.NewGuid();
        await Assert.ThrowsAsync<InvalidOperationException>(() => _runs.ApplyAsync(
            Some.RunId, messageId, _ => throw new InvalidOperationException("crash"), default));
        Restart();

        await _runs.ApplyAsync(Some.RunId, messageId, _ => _decisions.Start(null, Some.Run(), 0), default);

        Assert.Equal(3, (await DrainAsync()).Count);
    }

    [Fact]
    public async Task A_crash_after_the_commit_still_sends_what_was_decided()
    {
        await ApplyAsync(_ => _decisions.Start(null, Some.Run(), 0));

        Restart();

        Assert.Equal(["RunStarted", "JobDispatched", "ScoreImportance"], (await DrainAsync()).Select(TypeOf));
        Assert.Empty(await DrainAsync());
    }

    [Fact]
    public async Task A_crash_between_sending_and_forgetting_sends_again_under_the_same_id()
    {
        await ApplyAsync(_ => _decisions.Start(null, Some.Run(), 0));
        var sent = new List<OutboxRow>();
        using var crash = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _outbox.DrainAsync(
            async (row, _) =>
            {
                sent.Add(row);
                await crash.CancelAsync();
                crash.Token.ThrowIfCancellationRequested();
            },
            (_, _) => { }, crash.Token));
        Restart();

        var again = await DrainAsync();

        Assert.Equal(sent.Single().MessageId, again[0].MessageId);
        Assert.Equal(3, again.Count);
    }

    [Fact]
    public async Task What_was_sent_and_cannot_be_forgotten_is_not_sent_again_and_forgotten_later()
    {
        await ApplyAsync(_ => _decisions.Start(null, Some.Run(), 0));
        await FullDisk.FillAsync(_options.HistoryFile, "DELETE ON Outbox");
        var sent = new List<Guid>();

        for (var attempt = 0; attempt < 3; attempt++)
            await Assert.ThrowsAsync<DbUpdateException>(() => SendAsync(sent));
        Assert.False(_store.IsWritable);
        await FullDisk.FreeAsync(_options.HistoryFile);
        await ApplyAsync(state => _decisions.Cancel(state, new CancelRun(Some.RunId, "enough"), _store.Now));
        await SendAsync(sent);

        Assert.True(_store.IsWritable);
        Assert.Equal(4, sent.Count);
        Assert.Equal(sent.Distinct(), sent);
        Restart();
        Assert.Empty(await DrainAsync());
    }

    [Fact]
    public async Task Of_many_changes_at_once_the_one_that_fails_takes_no_other_with_it()
    {
        var changes = Enumerable.Range(0, 200).Select(_ => _outbox.EnqueueAsync(
            Some.RunId, new ResumeRun(Guid.NewGuid()), default)).ToList();
        var failing = _runs.ApplyAsync(Some.RunId, null, _ => throw new InvalidOperationException("no"), default);
        changes.AddRange(Enumerable.Range(0, 200).Select(_ => _outbox.EnqueueAsync(
            Some.RunId, new ResumeRun(Guid.NewGuid()), default)));

        await Task.WhenAll(changes);

        await Assert.ThrowsAsync<InvalidOperationException>(() => failing);
        var sent = new HashSet<Guid>();
        while (await DrainAsync() is { Count: > 0 } rows)
            sent.UnionWith(rows.Select(row => row.MessageId));
        Assert.Equal(400, sent.Count);
    }

    [Fact]
    public async Task A_message_that_cannot_be_sent_holds_up_no_other_and_is_tried_again_later()
    {
        await ApplyAsync(_ => _decisions.Start(null, Some.Run(), 0));
        var reported = new List<string>();

        await _outbox.DrainAsync(
            (row, _) => TypeOf(row) == "JobDispatched" ? throw new IOException("no route") : Task.CompletedTask,
            (row, _) => reported.Add(TypeOf(row)), default);

        Assert.Equal(["JobDispatched"], reported);
        Assert.Empty(await DrainAsync());
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(["JobDispatched"], (await DrainAsync()).Select(TypeOf));
    }

    [Fact]
    public async Task A_message_waits_for_its_due_time_unless_a_restart_flushes_it()
    {
        await ApplyAsync(_ => _decisions.Start(null, Some.Run(), 0));
        await DrainAsync();
        await ApplyAsync(state => _decisions.Claim(state, Some.Claim(), duplicate: false, _store.Now).Decision);
        await ApplyAsync(state => _decisions.Fail(state, Some.Failure(FailureKind.Transient), _store.Now));

        Assert.Empty(await DrainAsync());
        var keys = await _outbox.FlushDelayedAsync(default);

        Assert.Equal([JobCommands.KeyOf(Some.RunId, "scores", 2)], keys);
        Assert.Equal(["ScoreImportance"], (await DrainAsync()).Select(TypeOf));
    }

    [Fact]
    public async Task Old_inbox_entries_are_forgotten_and_young_ones_kept()
    {
        var old = Guid.NewGuid();
        await _runs.ApplyAsync(Some.RunId, old, _ => Decision.None, default);
        _time.Advance(TimeSpan.FromDays(8));
        var young = Guid.NewGuid();
        await _runs.ApplyAsync(Some.RunId, young, _ => Decision.None, default);

        await new OpenWork(_store).ForgetOldMessagesAsync(default);

        Assert.True(await IsNewAsync(old));
        Assert.False(await IsNewAsync(young));
    }

    [Fact]
    public async Task Runs_are_listed_and_found_by_the_begin_of_their_id_while_the_owner_lives()
    {
        await ApplyAsync(_ => _decisions.Start(null, Some.Run(), 0));
        var queries = new RunQueries(_options.HistoryFile);

        Assert.Single(await queries.ListAsync(10, default));
        Assert.NotNull(await queries.FindAsync("1111-1111-22".Replace("-1111", "1111"), default));
        Assert.NotNull(await queries.FindAsync(Some.RunId.ToString(), default));
        Assert.Null(await queries.FindAsync("ffff", default));
        await Assert.ThrowsAsync<ArgumentException>(() => queries.FindAsync("latest", default));
        Assert.Empty(await new RunQueries(_folder.File("none.db")).ListAsync(10, default));
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    private static string TypeOf(OutboxRow row) => row.Type.Split('.')[^1];

    private void Restart()
    {
        _store.Dispose();
        Open();
    }

    [MemberNotNull(nameof(_store), nameof(_outbox), nameof(_runs))]
    private void Open()
    {
        _store = new StateStore(_options, _time, []);
        _outbox = new Outbox(_store);
        _runs = new RunTransitions(_store, _decisions, new RunPlanner(new RecipeBook(), []));
    }

    private Task ApplyAsync(Func<RunState?, Decision> decide) =>
        _runs.ApplyAsync(Some.RunId, messageId: null, decide, default);

    private async Task<RunState?> StateAsync() =>
        await new RunQueries(_options.HistoryFile).FindAsync(Some.RunId.ToString(), default);

    private async Task<bool> IsNewAsync(Guid messageId)
    {
        var asked = false;
        await _runs.ApplyAsync(
            Some.RunId, messageId,
            _ =>
            {
                asked = true;
                return Decision.None;
            },
            default);
        return asked;
    }

    private Task SendAsync(List<Guid> sent) => _outbox.DrainAsync(
        (row, _) =>
        {
            sent.Add(row.MessageId);
            return Task.CompletedTask;
        },
        (_, exception) => throw exception, default);

    private async Task<List<OutboxRow>> DrainAsync()
    {
        var sent = new List<OutboxRow>();
        await _outbox.DrainAsync(
            (row, _) =>
            {
                sent.Add(row);
                return Task.CompletedTask;
            },
            (_, exception) => throw exception, default);
        return sent;
    }
}
