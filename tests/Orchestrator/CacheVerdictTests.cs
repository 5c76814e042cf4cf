using Mlops.Orchestrator.Runs;

namespace Mlops.Tests.Orchestrator;

public sealed class CacheVerdictTests
{
    [Fact]
    public void A_hit_names_the_job_that_made_the_result_rather_than_one_that_found_it()
    {
        var (found, maker) = (Past("k", AttemptOutcome.Cached), Past("k", AttemptOutcome.Completed));

        var verdict = CacheVerdict.Compare(Attempt("k", AttemptOutcome.Cached), [found, maker]);

        Assert.True(verdict.Hit);
        Assert.Same(maker, verdict.Nearest);
    }

    [Fact]
    public void A_miss_is_compared_with_the_nearest_and_of_equally_near_ones_with_the_latest()
    {
        PastAttempt[] earlier =
        [
            Past("a", parts: ("seed", "7")),
            Past("b", parts: [("seed", "8"), ("inputs.model", "ab"), ("settings.steps", "8")]),
            Past("c", parts: [("seed", "7"), ("inputs.model", "cd"), ("settings.steps", "8")]),
        ];
        var attempt = Attempt("k", parts: [("seed", "7"), ("inputs.model", "cd"), ("settings.steps", "16")]);

        var verdict = CacheVerdict.Compare(attempt, earlier);

        Assert.False(verdict.Hit);
        Assert.Same(earlier[2], verdict.Nearest);
        Assert.Equal([new KeyDifference("settings.steps", "8", "16")], verdict.Differences);
    }

    [Fact]
    public void A_field_that_came_or_went_is_a_difference_too()
    {
        var verdict = CacheVerdict.Compare(
            Attempt("k", parts: [("seed", "7"), ("code.Mlops.New", "1")]),
            [Past("a", parts: [("seed", "7"), ("code.Mlops.Old", "2")])]);

        Assert.Equal(
            [new KeyDifference("code.Mlops.New", null, "1"), new KeyDifference("code.Mlops.Old", "2", null)],
            verdict.Differences);
    }

    [Fact]
    public void An_equal_key_that_was_computed_again_has_no_differences()
    {
        var verdict = CacheVerdict.Compare(Attempt("k"), [Past("k")]);

        Assert.False(verdict.Hit);
        Assert.NotNull(verdict.Nearest);
        Assert.Empty(verdict.Differences);
    }

    [Fact]
    public void The_first_of_its_kind_has_nothing_to_be_compared_with()
    {
        Assert.Null(CacheVerdict.Compare(Attempt("k", parts: ("seed", "7")), []).Nearest);
    }

    private static PastAttempt Past(
        string key, AttemptOutcome outcome = AttemptOutcome.Completed, params (string, string)[] parts) =>
        new(Guid.NewGuid(), Attempt(key, outcome, parts));

    private static AttemptState Attempt(
        string key, AttemptOutcome outcome = AttemptOutcome.Completed, params (string Name, string Value)[] parts) =>
        new(1, "job", 1, 0)
        {
            Key = key, Outcome = outcome,
            KeyParts = parts.ToDictionary(part => part.Name, part => part.Value, StringComparer.Ordinal),
        };
}
