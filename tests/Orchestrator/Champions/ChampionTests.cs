using Mlops.Contracts.Events;
using Mlops.Orchestrator.Champions;
using Mlops.Orchestrator.Schedules;
using Mlops.Orchestrator.Store;
using Mlops.Platform.Objects;
using Mlops.Tests.Orchestrator.Schedules;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator.Champions;

/// <summary>Scheduled runs held against the champion, from the trigger to the verdict in the list.</summary>
public sealed class ChampionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly FakeWork _work = new();
    private double _macs = 0.65;

    public ChampionTests() => _work.Instead["evaluation"] = (job, folder, token) => File.WriteAllTextAsync(
        Path.Combine(folder, "evaluation.json"),
        SomeEvaluation.Json(macs: _macs, pruned: $"{job.Order.Seed}"), token);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_first_result_is_promoted_a_better_one_too_and_a_worse_one_is_told_why_not()
    {
        await using var host = await StartAsync();

        var first = await JudgedAsync<ChampionPromoted>(host, macs: 0.65);
        var kept = await JudgedAsync<ChampionKept>(host, macs: 0.66);
        var second = await JudgedAsync<ChampionPromoted>(host, macs: 0.6);

        Assert.Equal("the first result that passed its gate", first.Reason);
        Assert.StartsWith("it is worse: macs 0.66 against 0.65", kept.Reason, StringComparison.Ordinal);
        Assert.StartsWith("better: macs 0.6 against 0.65", second.Reason, StringComparison.Ordinal);
        var names = host.Get<IObjectStore>();
        Assert.Equal(second.Champion, await names.ResolveAsync("champions/nightly", default));
        Assert.Equal(first.Champion, await names.ResolveAsync("champions/nightly.1", default));
        var inputs = (await host.Get<ArtifactStore>().ReadManifestAsync(second.Champion, default)).Inputs;
        Assert.Equal(["before", "evaluation", "pruned"], inputs.Keys.Order());
        Assert.Equal(first.Champion, inputs["before"]);
        var listed = (await host.Schedules.ListAsync(default))[0];
        Assert.Equal((2, second.RunId), (listed.Champion!.Number, listed.Champion.RunId));
        Assert.Equal((true, second.Reason), (listed.Last!.Promoted, listed.Last.Verdict));
    }

    [Fact]
    public async Task A_verdict_asked_for_again_is_not_given_again()
    {
        await using var host = await StartAsync();
        var promoted = await JudgedAsync<ChampionPromoted>(host, macs: 0.65);

        await host.Get<ChampionJudge>().JudgeAsync(promoted.RunId, await DefinitionAsync(host), default);
        await JudgedAsync<ChampionPromoted>(host, macs: 0.6);

        Assert.Equal(2, host.Received.All<ChampionPromoted>().Count);
        Assert.Empty(host.Received.All<ChampionKept>());
    }

    [Fact]
    public async Task A_promotion_that_a_kill_interrupted_is_ended_the_same_way()
    {
        await using var host = await StartAsync();
        var first = await JudgedAsync<ChampionPromoted>(host, macs: 0.65);
        var second = await JudgedAsync<ChampionPromoted>(host, macs: 0.6);
        // As if killed after the numbered name: the present one still points at the one before, without a verdict.
        var names = host.Get<IObjectStore>();
        await names.SetNameAsync("champions/nightly", first.Champion, default);
        await ForgetVerdictAsync(host, second.RunId);

        await host.Get<ChampionJudge>().JudgeAsync(second.RunId, await DefinitionAsync(host), default);

        Assert.Equal(second.Champion, await names.ResolveAsync("champions/nightly", default));
        Assert.Null(await names.ResolveAsync("champions/nightly.3", default));
        var verdict = (await host.OccurrencesAsync("nightly"))[0];
        Assert.Equal((true, second.Reason), (verdict.Promoted, verdict.Verdict));
    }

    [Fact]
    public async Task A_verdict_that_was_not_given_before_the_process_ended_is_given_by_the_next()
    {
        Guid runId;
        await using (var host = await StartAsync())
        {
            runId = (await JudgedAsync<ChampionPromoted>(host, macs: 0.65)).RunId;
            await ForgetVerdictAsync(host, runId);
        }

        await using var next = await ScheduleHost.StartAsync(_folder, _work, _time);

        Assert.Equal(runId, (await next.Received.FirstAsync<ChampionPromoted>()).RunId);
    }

    [Fact]
    public async Task Measurements_that_cannot_be_read_are_a_reason_and_no_obstacle()
    {
        _work.Instead["evaluation"] = FakeWork.WriteInputsAsync;
        await using var host = await StartAsync();

        var kept = await JudgedAsync<ChampionKept>(host, macs: 0.65);

        Assert.Contains("the artifact has no evaluation.json", kept.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_champion_that_is_lost_keeps_no_other_schedule_from_being_judged()
    {
        await using var host = await StartAsync();
        await host.AddAsync("weekly");
        await JudgedAsync<ChampionPromoted>(host, macs: 0.65);
        await host.Get<IObjectStore>().SetNameAsync("champions/nightly", new(new string('a', 64), 1), default);

        await host.TriggerAsync("nightly");
        await host.TriggerAsync("weekly");

        await host.Received.FirstAsync<ChampionPromoted>(promoted => promoted.Schedule == "weekly");
    }

    [Fact]
    public async Task A_schedule_without_champion_judges_nothing()
    {
        await using var host = await ScheduleHost.StartAsync(_folder, _work, _time);
        await host.AddAsync("plain", each => each with { Champion = false });
        await host.AddAsync("nightly");

        await JudgedAsync<ChampionPromoted>(host, macs: 0.65);

        Assert.Null((await host.OccurrencesAsync("plain"))[0].Verdict);
        Assert.Null(await host.Get<ChampionStore>().FindAsync("plain", default));
    }

    private static async Task<ScheduleDefinition> DefinitionAsync(ScheduleHost host) =>
        (await host.Schedules.ListAsync(default))[0].Definition;

    private static Task ForgetVerdictAsync(ScheduleHost host, Guid runId) => host.Get<StateStore>().TransactAsync(
        async transaction => await ScheduleStore.PutAsync(
            transaction,
            (await host.OccurrencesAsync("nightly")).Single(each => each.RunId == runId) with
            {
                Promoted = null, Verdict = null,
            },
            default),
        default);

    private async Task<ScheduleHost> StartAsync()
    {
        var host = await ScheduleHost.StartAsync(_folder, _work, _time);
        await host.AddAsync("nightly", each => each with
        {
            Settings = new Dictionary<string, string> { ["seed"] = "per-run" },
        });
        return host;
    }

    /// <summary>One run whose model keeps this share of the MACs, up to its verdict.</summary>
    private async Task<TVerdict> JudgedAsync<TVerdict>(ScheduleHost host, double macs)
    {
        _macs = macs;
        var before = host.Received.All<TVerdict>().Count;
        await host.TriggerAsync("nightly");
        await host.Received.FirstAsync<TVerdict>(_ => host.Received.All<TVerdict>().Count > before);
        return host.Received.All<TVerdict>()[^1];
    }
}
