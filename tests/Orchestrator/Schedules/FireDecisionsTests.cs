using Mlops.Contracts.Commands;
using Mlops.Orchestrator.Runs;
using Mlops.Orchestrator.Schedules;
using static Mlops.Tests.Orchestrator.Schedules.SomeNights;

namespace Mlops.Tests.Orchestrator.Schedules;

public sealed class FireDecisionsTests
{
    private static readonly DateTimeOffset LongUp = First.AddDays(-10);

    [Fact]
    public void A_night_in_time_starts_its_run()
    {
        var decision = Ring(Schedule(), Nothing, First.AddSeconds(1));

        var fire = Assert.Single(decision.Fires);
        Assert.Equal((FireOutcome.Started, null), (fire.Outcome, fire.Reason));
        var start = Assert.IsType<StartRun>(Assert.Single(decision.Messages).Message);
        Assert.Equal((fire.RunId, "two-jobs"), (start.RunId, start.Recipe));
    }

    [Fact]
    public void The_run_of_a_night_has_the_same_id_whoever_computes_it()
    {
        var id = Fire.Of("nightly", First, byHand: false).RunId;

        Assert.Equal(id, Fire.Of("nightly", First.ToOffset(TimeSpan.FromHours(2)), byHand: false).RunId);
        Assert.Equal(4, new[]
        {
            id, Fire.Of("nightly", First.AddDays(1), byHand: false).RunId,
            Fire.Of("weekly", First, byHand: false).RunId, Fire.Of("nightly", First, byHand: true).RunId,
        }.Distinct().Count());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(3600)]
    public void A_ring_that_comes_again_or_too_early_decides_nothing(int seconds)
    {
        var decided = UnderWay(First) with { Open = [] };

        var decision = Ring(Schedule(), decided, First.AddSeconds(seconds));

        Assert.Empty(decision.Fires);
        Assert.Empty(decision.Messages);
    }

    [Fact]
    public void Nights_before_a_schedule_was_added_are_none_of_its_business()
    {
        var schedule = Schedule() with { SinceMs = First.AddMinutes(1).ToUnixTimeMilliseconds() };

        Assert.Empty(Ring(schedule, Nothing, First.AddHours(2)).Fires);
    }

    [Fact]
    public void A_paused_schedule_decides_nothing()
    {
        Assert.Empty(Ring(Schedule() with { Paused = true }, Nothing, First.AddSeconds(1)).Fires);
    }

    [Theory]
    [InlineData(59, FireOutcome.Started)]
    [InlineData(60, FireOutcome.Started)]
    [InlineData(61, FireOutcome.Skipped)]
    public void After_its_deadline_a_night_is_skipped_with_the_reason(int minutesLate, FireOutcome expected)
    {
        var schedule = Schedule() with { DeadlineMinutes = 60 };

        var fire = Assert.Single(Ring(schedule, Nothing, First.AddMinutes(minutesLate)).Fires);

        Assert.Equal(expected, fire.Outcome);
        Assert.Contains(
            expected == FireOutcome.Skipped ? "61 min late only; its deadline is 60 min" : $"{minutesLate} min late",
            fire.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clock_that_jumps_an_hour_ahead_makes_the_night_late_and_back_again_repeats_nothing()
    {
        var ahead = Ring(Schedule(), Nothing, First.AddMinutes(55));
        var known = Nothing with { DecidedMs = ahead.Fires[0].PlannedMs };

        var back = Ring(Schedule(), known, First.AddMinutes(-5));
        var again = Ring(Schedule(), known, First.AddMinutes(1));

        Assert.Equal((FireOutcome.Started, "55 min late"), (ahead.Fires[0].Outcome, ahead.Fires[0].Reason));
        Assert.Empty(back.Fires);
        Assert.Empty(again.Fires);
    }

    [Theory]
    [InlineData(CatchUpPolicy.None, "skip skip skip")]
    [InlineData(CatchUpPolicy.Last, "skip skip start")]
    [InlineData(CatchUpPolicy.All, "start start start")]
    public void Nights_that_nobody_saw_are_caught_up_as_the_policy_says(CatchUpPolicy policy, string expected)
    {
        var schedule = Schedule() with { CatchUp = policy, Overlap = OverlapPolicy.Allow };
        var now = First.AddDays(2).AddHours(5);

        var fires = Ring(schedule, Nothing, now, upSince: now).Fires;

        Assert.Equal(expected, string.Join(' ', fires.Select(
            fire => fire.Outcome == FireOutcome.Started ? "start" : "skip")));
        Assert.All(fires, fire => Assert.NotNull(fire.Reason));
    }

    [Theory]
    [InlineData(CatchUpPolicy.None, 1)]
    [InlineData(CatchUpPolicy.Last, 1)]
    [InlineData(CatchUpPolicy.All, 3)]
    public void A_machine_that_slept_has_missed_all_nights_but_the_latest(CatchUpPolicy policy, int started)
    {
        var schedule = Schedule() with { CatchUp = policy, Overlap = OverlapPolicy.Allow };

        var fires = Ring(schedule, Nothing, First.AddDays(2).AddMinutes(10)).Fires;

        Assert.Equal(3, fires.Count);
        Assert.Equal(started, fires.Count(fire => fire.Outcome == FireOutcome.Started));
        Assert.Equal(FireOutcome.Started, fires[^1].Outcome);
    }

    [Fact]
    public void After_years_of_absence_the_last_hundred_nights_are_looked_at()
    {
        var now = First.AddDays(2000);

        Assert.Equal(100, Ring(Schedule(), Nothing, now, upSince: now).Fires.Count);
    }

    [Theory]
    [InlineData(RunStatus.Running)]
    [InlineData(RunStatus.Cancelling)]
    [InlineData(null)]
    public void Forbid_skips_a_night_while_the_earlier_run_is_under_way(RunStatus? status)
    {
        var decision = Ring(Schedule(), UnderWay(First, status), First.AddDays(1));

        var fire = Assert.Single(decision.Fires);
        Assert.Equal(FireOutcome.Skipped, fire.Outcome);
        Assert.Contains("is still under way", fire.Reason, StringComparison.Ordinal);
        Assert.Empty(decision.Messages);
    }

    [Fact]
    public void Allow_starts_a_second_run()
    {
        var schedule = Schedule() with { Overlap = OverlapPolicy.Allow };

        var decision = Ring(schedule, UnderWay(First), First.AddDays(1));

        Assert.Equal(FireOutcome.Started, Assert.Single(decision.Fires).Outcome);
    }

    [Fact]
    public void Replace_cancels_the_run_under_way_and_starts_the_new_one_after_its_end()
    {
        var schedule = Schedule() with { Overlap = OverlapPolicy.Replace };

        var decision = Ring(schedule, UnderWay(First), First.AddDays(1));
        var waiting = Assert.Single(decision.Fires);
        var notYet = Settle(schedule, UnderWay(First, RunStatus.Cancelling) with { Waiting = waiting });
        var after = Settle(schedule, Nothing with { Waiting = waiting });

        Assert.Equal(FireOutcome.Waiting, waiting.Outcome);
        var cancel = Assert.IsType<CancelRun>(Assert.Single(decision.Messages).Message);
        Assert.Equal(Started(First).RunId, cancel.RunId);
        Assert.Empty(notYet.Messages);
        Assert.Equal(waiting.RunId, Assert.IsType<StartRun>(Assert.Single(after.Messages).Message).RunId);
        Assert.Equal(FireOutcome.Started, Assert.Single(after.Fires).Outcome);
    }

    [Fact]
    public void A_cancellation_that_came_before_its_run_is_sent_again()
    {
        var schedule = Schedule() with { Overlap = OverlapPolicy.Replace };
        var waiting = Ring(schedule, UnderWay(First, status: null), First.AddDays(1)).Fires[0];

        var decision = Settle(schedule, UnderWay(First, RunStatus.Running) with { Waiting = waiting });

        Assert.IsType<CancelRun>(Assert.Single(decision.Messages).Message);
    }

    [Fact]
    public void A_night_that_still_waits_is_replaced_by_the_next_one()
    {
        var schedule = Schedule() with { Overlap = OverlapPolicy.Replace };
        var waiting = Ring(schedule, UnderWay(First), First.AddDays(1)).Fires[0];
        var known = UnderWay(First) with
        {
            DecidedMs = waiting.PlannedMs, Waiting = waiting,
        };

        var fires = Ring(schedule, known, First.AddDays(2)).Fires;

        Assert.Equal(
            [(waiting.RunId, FireOutcome.Skipped), (fires[1].RunId, FireOutcome.Waiting)],
            fires.Select(fire => (fire.RunId, fire.Outcome)));
    }

    [Fact]
    public void A_person_starts_a_run_even_while_the_schedule_is_paused_but_not_against_the_overlap_policy()
    {
        var schedule = Schedule() with { Paused = true, DeadlineMinutes = 1 };

        var alone = FireDecisions.RunNow(schedule, Times(schedule), Nothing, First.AddHours(7));
        var busy = FireDecisions.RunNow(schedule, Times(schedule), UnderWay(First), First.AddHours(7));

        Assert.Equal(FireOutcome.Started, Assert.Single(alone.Fires).Outcome);
        Assert.Equal(FireOutcome.Skipped, Assert.Single(busy.Fires).Outcome);
    }

    [Fact]
    public void Commands_that_may_have_been_lost_are_sent_again_under_the_same_id()
    {
        var decision = FireDecisions.Settle(
            Schedule(), Times(Schedule()), UnderWay(First, status: null), again: true);

        Assert.Equal(Started(First).RunId, Assert.IsType<StartRun>(Assert.Single(decision.Messages).Message).RunId);
        Assert.Empty(Settle(Schedule(), UnderWay(First, status: null)).Messages);
    }

    [Fact]
    public void The_seed_of_a_night_is_its_time_on_the_clock_of_the_zone()
    {
        var schedule = Schedule() with
        {
            Zone = "Asia/Kolkata", Settings = new Dictionary<string, string> { ["seed"] = "night" },
        };

        var command = FireDecisions.CommandOf(schedule, Times(schedule), Started(First));

        Assert.Equal("202603010800", command.Settings["seed"]);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public void New_results_are_judged_unless_the_schedule_has_no_champion(bool champion, int commands)
    {
        var schedule = Schedule() with { Champion = champion };

        var decision = Settle(schedule, Nothing with { Unjudged = [Started(First).RunId] });

        Assert.Equal(commands, decision.Messages.Count(each => each.Message is JudgeChampion));
    }

    private static FireDecision Ring(
        ScheduleDefinition schedule, Situation known, DateTimeOffset now, DateTimeOffset? upSince = null) =>
        FireDecisions.Ring(schedule, Times(schedule), known, upSince ?? LongUp, now);

    private static FireDecision Settle(ScheduleDefinition schedule, Situation known) =>
        FireDecisions.Settle(schedule, Times(schedule), known);
}
