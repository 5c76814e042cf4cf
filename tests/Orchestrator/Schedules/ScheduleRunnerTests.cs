using Mlops.Contracts.Events;
using Mlops.Orchestrator.Schedules;
using Mlops.Orchestrator.Store;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator.Schedules;

/// <summary>A trigger that was set wrong is set right within the hour.</summary>
public sealed class ScheduleRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(30)]
    [InlineData(365)]
    public async Task A_clock_that_ran_ahead_for_a_while_stops_no_schedule(int days)
    {
        await using var ahead = await ScheduleHost.StartAsync(_folder, new FakeWork(), _time);
        await ahead.AddAsync("nightly");
        _time.Set(TimeSpan.FromDays(days));
        await ahead.Get<ScheduleRunner>().CorrectAsync(default);
        await ahead.Received.FirstAsync<RunCompleted>();
        _time.Set(TimeSpan.FromDays(-days));
        // Within the hour: sets the trigger to a time that comes soon.
        await ahead.Get<ScheduleRunner>().CorrectAsync(default);

        await ahead.TriggerAsync("nightly");
        var planned = new DateTimeOffset(2026, 1, 1, 2, 30, 0, TimeSpan.Zero);
        var tonight = Occurrence.Create("nightly", planned, manual: false);
        await ahead.Received.FirstAsync<RunCompleted>(run => run.RunId == tonight.RunId);

        Assert.Null((await ahead.Get<ScheduleStore>().FindAsync(tonight.RunId, default))!.Reason);
    }
}
