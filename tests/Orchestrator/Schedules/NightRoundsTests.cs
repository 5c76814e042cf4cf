using Mlops.Contracts.Events;
using Mlops.Orchestrator.History;
using Mlops.Orchestrator.Schedules;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator.Schedules;

/// <summary>What no alarm and no event tells is found within the hour.</summary>
public sealed class NightRoundsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_night_whose_command_was_lost_is_started_again()
    {
        await using var host = await NightHost.StartAsync(_folder, new FakeWork(), _time);
        await host.AddAsync("nightly");
        var planned = _time.GetUtcNow();
        // Decided and written down, and its command in some queue of dead letters.
        var lost = Fire.Of("nightly", planned, byHand: true) with { Outcome = FireOutcome.Started };
        await host.Get<RunHistory>().DecideFiresAsync("nightly", _ => new FireDecision([lost], []), default);

        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMinutes(10));
                return Task.FromResult(host.Heard.All<RunCompleted>().Exists(run => run.RunId == lost.RunId));
            },
            "the night is made up for");
    }

    [Theory]
    [InlineData(30)]
    [InlineData(365)]
    public async Task A_clock_that_ran_ahead_for_a_while_silences_no_schedule(int days)
    {
        await using var ahead = await NightHost.StartAsync(_folder, new FakeWork(), _time);
        await ahead.AddAsync("nightly");
        _time.Set(TimeSpan.FromDays(days));
        await ahead.Get<NightKeeper>().LookAtAllAsync(again: false, default);
        await ahead.Heard.FirstAsync<RunCompleted>();
        _time.Set(TimeSpan.FromDays(-days));
        // The next round, which sets the alarm to a time that comes soon.
        await ahead.Get<NightKeeper>().LookAtAllAsync(again: false, default);

        await ahead.NightAsync("nightly");
        var tonight = Fire.Of("nightly", new DateTimeOffset(2026, 1, 1, 2, 30, 0, TimeSpan.Zero), byHand: false);
        await ahead.Heard.FirstAsync<RunCompleted>(run => run.RunId == tonight.RunId);

        Assert.Null((await ahead.Get<RunHistory>().FireOfAsync(tonight.RunId, default))!.Reason);
    }
}
