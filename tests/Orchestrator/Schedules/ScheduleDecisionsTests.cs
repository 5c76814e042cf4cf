using Mlops.Contracts.Commands;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Schedules;
using static Mlops.Tests.Orchestrator.Schedules.SomeSchedules;

namespace Mlops.Tests.Orchestrator.Schedules;

public sealed class ScheduleDecisionsTests
{
    private static readonly DateTimeOffset LongUp = First.AddDays(-10);

    [Fact]
    public void An_occurrence_in_time_starts_its_run()
    {
        var decision = OnTriggered(Schedule(), Nothing, First.AddSeconds(1));

        var occurrence = Assert.Single(decision.Occurrences);
        Assert.Equal((OccurrenceStatus.Started, null), (occurrence.Status, occurrence.Reason));
        var start = Assert.IsType<StartRun>(Assert.Single(decision.Commands));
        Assert.Equal((occurrence.RunId, "two-jobs"), (start.RunId, start.Recipe));
    }

    [Fact]
    public void The_run_of_an_occurrence_has_the_same_id_wherever_it_is_computed()
    {
        var id = Occurrence.Create("nightly", First, manual: false).RunId;

        Assert.Equal(id, Occurrence.Create("nightly", First.ToOffset(TimeSpan.FromHours(2)), manual: false).RunId);
        Assert.Equal(4, new[]
        {
            id, Occurrence.Create("nightly", First.AddDays(1), manual: false).RunId,
            Occurrence.Create("weekly", First, manual: false).RunId,
            Occurrence.Create("nightly", First, manual: true).RunId,
        }.Distinct().Count());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(3600)]
    public void A_trigger_that_comes_again_or_too_early_decides_nothing(int seconds)
    {
        var decided = UnderWay(First) with { Open = [] };

        var decision = OnTriggered(Schedule(), decided, First.AddSeconds(seconds));

        Assert.Empty(decision.Occurrences);
        Assert.Empty(decision.Commands);
    }

    [Fact]
    public void Times_before_a_schedule_was_added_do_not_count()
    {
        var schedule = Schedule() with { SinceMs = First.AddMinutes(1).ToUnixTimeMilliseconds() };

        Assert.Empty(OnTriggered(schedule, Nothing, First.AddHours(2)).Occurrences);
    }

    [Fact]
    public void A_paused_schedule_decides_nothing()
    {
        Assert.Empty(OnTriggered(Schedule() with { Paused = true }, Nothing, First.AddSeconds(1)).Occurrences);
    }

    [Theory]
    [InlineData(59, OccurrenceStatus.Started)]
    [InlineData(60, OccurrenceStatus.Started)]
    [InlineData(61, OccurrenceStatus.Skipped)]
    public void After_its_deadline_an_occurrence_is_skipped_with_the_reason(int minutesLate, OccurrenceStatus expected)
    {
        var schedule = Schedule() with { DeadlineMinutes = 60 };

        var occurrence = Assert.Single(OnTriggered(schedule, Nothing, First.AddMinutes(minutesLate)).Occurrences);

        Assert.Equal(expected, occurrence.Status);
        Assert.Contains(
            expected == OccurrenceStatus.Skipped
                ? "61 min late only; its deadline is 60 min"
                : $"{minutesLate} min late",
            occurrence.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clock_that_jumps_an_hour_ahead_makes_the_occurrence_late_and_back_again_repeats_nothing()
    {
        var ahead = OnTriggered(Schedule(), Nothing, First.AddMinutes(55));
        var known = Nothing with { DecidedMs = ahead.Occurrences[0].PlannedMs };

        var back = OnTriggered(Schedule(), known, First.AddMinutes(-5));
        var again = OnTriggered(Schedule(), known, First.AddMinutes(1));

        Assert.Equal(
            (OccurrenceStatus.Started, "55 min late"), (ahead.Occurrences[0].Status, ahead.Occurrences[0].Reason));
        Assert.Empty(back.Occurrences);
        Assert.Empty(again.Occurrences);
    }

    [Theory]
    [InlineData(CatchUpPolicy.None, "skip skip skip")]
    [InlineData(CatchUpPolicy.Last, "skip skip start")]
    [InlineData(CatchUpPolicy.All, "start start start")]
    public void Times_that_no_process_saw_are_caught_up_as_the_policy_says(CatchUpPolicy policy, string expected)
    {
        var schedule = Schedule() with { CatchUp = policy, Overlap = OverlapPolicy.Allow };
        var now = First.AddDays(2).AddHours(5);

        var occurrences = OnTriggered(schedule, Nothing, now, upSince: now).Occurrences;

        Assert.Equal(expected, string.Join(' ', occurrences.Select(
            occurrence => occurrence.Status == OccurrenceStatus.Started ? "start" : "skip")));
        Assert.All(occurrences, occurrence => Assert.NotNull(occurrence.Reason));
    }

    [Theory]
    [InlineData(CatchUpPolicy.None, 1)]
    [InlineData(CatchUpPolicy.Last, 1)]
    [InlineData(CatchUpPolicy.All, 3)]
    public void A_machine_that_slept_has_missed_all_times_but_the_latest(CatchUpPolicy policy, int started)
    {
        var schedule = Schedule() with { CatchUp = policy, Overlap = OverlapPolicy.Allow };

        var occurrences = OnTriggered(schedule, Nothing, First.AddDays(2).AddMinutes(10)).Occurrences;

        Assert.Equal(3, occurrences.Count);
        Assert.Equal(started, occurrences.Count(occurrence => occurrence.Status == OccurrenceStatus.Started));
        Assert.Equal(OccurrenceStatus.Started, occurrences[^1].Status);
    }

    [Fact]
    public void After_years_of_absence_the_last_hundred_times_are_decided()
    {
        var now = First.AddDays(2000);

        Assert.Equal(100, OnTriggered(Schedule(), Nothing, now, upSince: now).Occurrences.Count);
    }

    [Theory]
    [InlineData(RunStatus.Running)]
    [InlineData(RunStatus.Cancelling)]
    public void Forbid_skips_an_occurrence_while_the_earlier_run_is_under_way(RunStatus status)
    {
        var decision = OnTriggered(Schedule(), UnderWay(First, status), First.AddDays(1));

        var occurrence = Assert.Single(decision.Occurrences);
        Assert.Equal(OccurrenceStatus.Skipped, occurrence.Status);
        Assert.Contains("is still under way", occurrence.Reason, StringComparison.Ordinal);
        Assert.Empty(decision.Commands);
    }

    [Fact]
    public void Allow_starts_a_second_run()
    {
        var schedule = Schedule() with { Overlap = OverlapPolicy.Allow };

        var decision = OnTriggered(schedule, UnderWay(First), First.AddDays(1));

        Assert.Equal(OccurrenceStatus.Started, Assert.Single(decision.Occurrences).Status);
    }

    [Fact]
    public void Replace_cancels_the_run_under_way_and_starts_the_new_one_after_its_end()
    {
        var schedule = Schedule() with { Overlap = OverlapPolicy.Replace };

        var decision = OnTriggered(schedule, UnderWay(First), First.AddDays(1));
        var waiting = Assert.Single(decision.Occurrences);
        var notYet = ScheduleDecisions.OnRunEnded(UnderWay(First, RunStatus.Cancelling) with { Waiting = waiting });
        var after = ScheduleDecisions.OnRunEnded(Nothing with { Waiting = waiting });

        Assert.Equal(OccurrenceStatus.Waiting, waiting.Status);
        var cancel = Assert.IsType<CancelRun>(Assert.Single(decision.Commands));
        Assert.Equal(Started(First).RunId, cancel.RunId);
        Assert.Empty(notYet.Commands);
        Assert.Equal(waiting.RunId, Assert.IsType<StartRun>(Assert.Single(after.Commands)).RunId);
        Assert.Equal(OccurrenceStatus.Started, Assert.Single(after.Occurrences).Status);
    }

    [Fact]
    public void An_occurrence_that_still_waits_is_replaced_by_the_next_one()
    {
        var schedule = Schedule() with { Overlap = OverlapPolicy.Replace };
        var waiting = OnTriggered(schedule, UnderWay(First), First.AddDays(1)).Occurrences[0];
        var known = UnderWay(First) with
        {
            DecidedMs = waiting.PlannedMs, Waiting = waiting,
        };

        var occurrences = OnTriggered(schedule, known, First.AddDays(2)).Occurrences;

        Assert.Equal(
            [(waiting.RunId, OccurrenceStatus.Skipped), (occurrences[1].RunId, OccurrenceStatus.Waiting)],
            occurrences.Select(occurrence => (occurrence.RunId, occurrence.Status)));
    }

    [Fact]
    public void A_person_starts_a_run_even_while_the_schedule_is_paused_but_not_against_the_overlap_policy()
    {
        var schedule = Schedule() with { Paused = true, DeadlineMinutes = 1 };

        var alone = ScheduleDecisions.RunNow(schedule, Cron(schedule), Nothing, First.AddHours(7));
        var busy = ScheduleDecisions.RunNow(schedule, Cron(schedule), UnderWay(First), First.AddHours(7));

        Assert.Equal(OccurrenceStatus.Started, Assert.Single(alone.Occurrences).Status);
        Assert.Equal(OccurrenceStatus.Skipped, Assert.Single(busy.Occurrences).Status);
    }

    [Fact]
    public void The_seed_per_run_is_its_time_on_the_clock_of_the_zone()
    {
        var schedule = Schedule() with
        {
            Zone = "Asia/Kolkata", Settings = new Dictionary<string, string> { ["seed"] = "per-run" },
        };

        var command = ScheduleDecisions.CommandOf(schedule, Cron(schedule), Started(First));

        Assert.Equal("202603010800", command.Settings["seed"]);
    }

    private static ScheduleDecision OnTriggered(
        ScheduleDefinition schedule, ScheduleState known, DateTimeOffset now, DateTimeOffset? upSince = null) =>
        ScheduleDecisions.OnTriggered(schedule, Cron(schedule), known, upSince ?? LongUp, now);
}
