using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Schedules;
using Mlops.Orchestrator.Submission;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator.Schedules;

/// <summary>Quartz, SQLite, bus and run history together; only the clock is the test's, and the work quick.</summary>
public sealed class ScheduledRunsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly FakeWork _work = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_occurrence_starts_one_run_and_the_next_one_another()
    {
        await using var host = await StartAsync();
        await host.AddAsync("nightly");

        await host.TriggerAsync("nightly");
        var first = await host.Received.FirstAsync<RunCompleted>();
        await host.TriggerAsync("nightly");
        var second = await host.Received.FirstAsync<RunCompleted>(run => run.RunId != first.RunId);

        var planned = new DateTimeOffset(2026, 1, 1, 2, 30, 0, TimeSpan.Zero);
        Assert.Equal(Occurrence.Create("nightly", planned, manual: false).RunId, first.RunId);
        Assert.Equal(Occurrence.Create("nightly", planned.AddDays(1), manual: false).RunId, second.RunId);
    }

    [Fact]
    public async Task Schedules_outlive_the_process_and_an_occurrence_missed_meanwhile_is_caught_up_once()
    {
        await using (var first = await StartAsync())
            await first.AddAsync("nightly");
        _time.Advance(TimeSpan.FromDays(3));

        await using (var second = await StartAsync())
            await second.Received.FirstAsync<RunCompleted>();
        await using var third = await StartAsync();

        Assert.Equal("nightly", Assert.Single(await third.Schedules.ListAsync(default)).Definition.Name);
        Assert.Empty(third.Received.All<RunStarted>());
        Assert.Equal(
            [OccurrenceStatus.Started, OccurrenceStatus.Skipped, OccurrenceStatus.Skipped],
            (await third.OccurrencesAsync("nightly")).Select(each => each.Status));
    }

    [Fact]
    public async Task A_second_orchestrator_is_kept_off_and_one_that_takes_over_repeats_no_occurrence()
    {
        await using (var first = await StartAsync())
        {
            await first.AddAsync("nightly");
            await first.TriggerAsync("nightly");
            await first.Received.FirstAsync<RunCompleted>();
            var refused = await Assert.ThrowsAsync<ArgumentException>(StartAsync);
            Assert.StartsWith("another process already drives the runs", refused.Message, StringComparison.Ordinal);
        }

        await using var second = await StartAsync();
        await second.TriggerAsync("nightly");
        await second.Received.FirstAsync<RunCompleted>();

        Assert.Single(second.Received.All<RunStarted>());
        Assert.Equal(2, (await second.OccurrencesAsync("nightly")).Count);
    }

    [Fact]
    public async Task What_a_kill_leaves_of_an_occurrence_that_was_just_decided_becomes_its_run()
    {
        using var afterKill = new TemporaryFolder();
        var held = new TaskCompletionSource();
        _work.Instead["scores"] = (_, _, token) => held.Task.WaitAsync(token);
        await using var killed = await StartAsync();
        await killed.AddAsync("nightly");
        await killed.TriggerAsync("nightly");
        var started = await killed.Received.FirstAsync<RunStarted>();
        // A copy of the files of a living process is what a kill would leave.
        _folder.CopyTo(afterKill);

        await using var next = await ScheduleHost.StartAsync(afterKill, new FakeWork(), _time);

        Assert.Equal(started.RunId, (await next.Received.FirstAsync<RunCompleted>()).RunId);
        Assert.Single(await next.OccurrencesAsync("nightly"));
    }

    [Fact]
    public async Task An_occurrence_whose_command_arrives_twice_is_one_run()
    {
        await using var host = await StartAsync();
        await host.AddAsync("nightly");
        await host.TriggerAsync("nightly");
        var completed = await host.Received.FirstAsync<RunCompleted>();
        var schedule = (await host.Schedules.ListAsync(default))[0].Definition;
        var occurrence = (await host.OccurrencesAsync("nightly"))[0];

        await host.Get<RunSubmission>().SubmitAsync(
            ScheduleDecisions.CommandOf(schedule, SomeSchedules.Cron(schedule), occurrence), digest: null, default);
        await host.Schedules.RunNowAsync("nightly", default);
        await host.Received.FirstAsync<RunCompleted>(run => run.RunId != completed.RunId);

        Assert.Equal(2, host.Received.All<RunStarted>().Count);
    }

    [Fact]
    public async Task Forbid_skips_an_occurrence_and_says_which_run_was_in_its_way()
    {
        _work.Instead["scores"] = (_, _, token) => new TaskCompletionSource().Task.WaitAsync(token);
        await using var host = await StartAsync();
        await host.AddAsync("nightly");
        await host.TriggerAsync("nightly");
        var started = await host.Received.FirstAsync<RunStarted>();

        await host.TriggerAsync("nightly");

        var skipped = await host.DecidedAsync("nightly", each => each.Status == OccurrenceStatus.Skipped);
        Assert.Equal($"run {started.RunId.ToString("N")[..8]} of this schedule is still under way", skipped.Reason);
    }

    [Fact]
    public async Task Replace_cancels_the_earlier_run_and_starts_the_new_one_once_that_has_ended()
    {
        var begun = new TaskCompletionSource();
        _work.Instead["scores"] = (job, folder, token) => begun.TrySetResult()
            ? new TaskCompletionSource().Task.WaitAsync(token)
            : FakeWork.WriteInputsAsync(job, folder, token);
        await using var host = await StartAsync();
        await host.AddAsync("nightly", each => each with { Overlap = OverlapPolicy.Replace });
        await host.TriggerAsync("nightly");
        var first = await host.Received.FirstAsync<RunStarted>();
        await begun.Task;

        await host.TriggerAsync("nightly");

        var cancelled = await host.Received.FirstAsync<RunCancelled>();
        Assert.Equal(first.RunId, cancelled.RunId);
        Assert.Contains("of schedule 'nightly'", cancelled.Reason, StringComparison.Ordinal);
        var completed = await host.Received.FirstAsync<RunCompleted>();
        Assert.NotEqual(first.RunId, completed.RunId);
    }

    [Theory]
    [InlineData(null, OccurrenceStatus.Started)]
    [InlineData(90, OccurrenceStatus.Started)]
    [InlineData(30, OccurrenceStatus.Skipped)]
    public async Task A_clock_that_jumps_over_an_occurrence_makes_it_late(int? deadline, OccurrenceStatus expected)
    {
        await using var host = await StartAsync();
        await host.AddAsync("nightly", each => each with { DeadlineMinutes = deadline });

        await host.TriggerAsync("nightly", past: TimeSpan.FromHours(1));

        var occurrence = await host.DecidedAsync("nightly", _ => true);
        Assert.Equal(expected, occurrence.Status);
        Assert.Contains("60 min late", occurrence.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_paused_schedule_lets_its_times_pass_for_good()
    {
        await using var host = await StartAsync();
        await host.AddAsync("nightly");
        await host.Schedules.PauseAsync("nightly", default);
        Assert.Null((await host.Schedules.ListAsync(default))[0].Next);
        _time.Advance(TimeSpan.FromDays(2));

        await host.Schedules.ResumeAsync("nightly", default);
        await host.TriggerAsync("nightly");
        await host.Received.FirstAsync<RunCompleted>();

        Assert.Single(await host.OccurrencesAsync("nightly"));
    }

    [Fact]
    public async Task A_run_can_be_asked_for_at_any_time_and_is_listed_as_the_last()
    {
        await using var host = await StartAsync();
        await host.AddAsync("nightly");

        var asked = await host.Schedules.RunNowAsync("nightly", default);
        var completed = await host.Received.FirstAsync<RunCompleted>();

        Assert.Equal((asked.RunId, "started"), (completed.RunId, asked.Status));
        var last = (await host.Schedules.ListAsync(default))[0].Last!;
        Assert.Equal((asked.RunId, "completed", true), (last.RunId, last.Status, last.Manual));
    }

    [Fact]
    public async Task A_removed_schedule_triggers_no_more()
    {
        await using var host = await StartAsync();
        await host.AddAsync("nightly");
        await host.AddAsync("other");
        await host.Schedules.RemoveAsync("nightly", default);

        await host.TriggerAsync("other");
        await host.Received.FirstAsync<RunCompleted>();

        Assert.Empty(await host.OccurrencesAsync("nightly"));
        Assert.Equal("other", Assert.Single(await host.Schedules.ListAsync(default)).Definition.Name);
    }

    [Fact]
    public async Task An_occurrence_whose_run_is_refused_says_why_and_is_in_nobodys_way()
    {
        await using var host = await StartAsync();
        await host.AddAsync("nightly");
        var schedule = (await host.Schedules.ListAsync(default))[0].Definition;
        // As if its recipe had gone since it was added.
        await host.Get<ScheduleTimer>().ReplaceAsync(schedule with { Recipe = "gone" }, default);

        await host.TriggerAsync("nightly");

        var refused = await host.DecidedAsync("nightly", each => each.Status == OccurrenceStatus.Refused);
        Assert.StartsWith("unknown recipe 'gone'", refused.Reason, StringComparison.Ordinal);
        Assert.Equal(refused.RunId, (await host.Received.FirstAsync<RunRefused>()).RunId);
        await host.Get<ScheduleTimer>().ReplaceAsync(schedule, default);
        await host.TriggerAsync("nightly");
        await host.Received.FirstAsync<RunCompleted>();
    }

    [Fact]
    public async Task The_next_times_are_those_of_the_zone()
    {
        await using var host = await StartAsync();
        await host.AddAsync("nightly", each => each with { Zone = "America/New_York", Cron = "30 2 * * 1-5" });

        var next = await host.Schedules.NextAsync("nightly", 3, default);

        Assert.Equal(
            ["2026-01-01 02:30 -05", "2026-01-02 02:30 -05", "2026-01-05 02:30 -05"],
            next.Select(instant => instant.ToString("yyyy-MM-dd HH:mm zz", null)));
    }

    [Fact]
    public async Task What_could_never_run_is_refused_when_it_is_added()
    {
        await using var host = await StartAsync();
        await host.AddAsync("nightly");

        await Refused("a schedule 'nightly' already", each => each);
        await Refused("'No Name' must be", each => each with { Name = "No Name" });
        await Refused("unknown recipe 'nothing'", each => each with { Name = "a", Recipe = "nothing" });
        await Refused("time zone 'Mars/Base'", each => each with { Name = "a", Zone = "Mars/Base" });
        await Refused("no time left to come", each => each with { Name = "a", Cron = "0 0 0 1 1 ? 2020" });
        await Refused("deadline of 0 minutes", each => each with { Name = "a", DeadlineMinutes = 0 });
        await Refused("unknown setting 'scores.'", each => each with { Name = "a", Settings = Set("scores.", "1") });
        await Refused("macs 'x'", each => each with { Name = "a", Settings = Set("macs", "x") });
        await Refused("uses 'data'", each => each with { Name = "a", Inputs = new Dictionary<string, ObjectRef>() });
        Assert.Single(await host.Schedules.ListAsync(default));

        async Task Refused(string sentence, Func<ScheduleDefinition, ScheduleDefinition> change)
        {
            var thrown = await Record.ExceptionAsync(() => host.AddAsync("nightly", change));
            Assert.True(thrown is ArgumentException or InvalidDataException, $"{thrown}");
            Assert.Contains(sentence, thrown.Message, StringComparison.Ordinal);
        }

        static Dictionary<string, string> Set(string name, string value) => new() { [name] = value };
    }

    [Fact]
    public async Task A_name_that_no_schedule_has_is_named()
    {
        await using var host = await StartAsync();

        foreach (var ask in (Func<Task>[])
            [
                () => host.Schedules.PauseAsync("gone", default), () => host.Schedules.ResumeAsync("gone", default),
                () => host.Schedules.RemoveAsync("gone", default), () => host.Schedules.RunNowAsync("gone", default),
                () => host.Schedules.NextAsync("gone", 1, default),
            ])
            Assert.Contains(
                "no schedule 'gone'", (await Assert.ThrowsAsync<ArgumentException>(ask)).Message,
                StringComparison.Ordinal);
    }

    private Task<ScheduleHost> StartAsync() => ScheduleHost.StartAsync(_folder, _work, _time);
}
