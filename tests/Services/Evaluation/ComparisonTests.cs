using Mlops.Contracts.Evaluations;
using Mlops.Evaluation.Comparing;

namespace Mlops.Tests.Services.Evaluation;

/// <summary>The rule of comparisons, on distances that are known.</summary>
public sealed class ComparisonTests
{
    private const int Images = 64;

    [Theory]
    [InlineData(1.3, 5, Outcome.Better)]      // a third further in every seed
    [InlineData(1.3, 4, Outcome.Better)]      // four of five seeds are enough
    [InlineData(1.3, 3, Outcome.Undecided)]
    [InlineData(1.05, 5, Outcome.Undecided)]  // surely further, but by less than a tenth
    [InlineData(0.6, 5, Outcome.Worse)]
    public void The_rule_wants_a_tenth_and_four_of_five_seeds(double factor, int seeds, Outcome outcome)
    {
        var runs = new List<ComparedRun>();
        for (var seed = 0; seed < 5; seed++)
        {
            runs.Add(Run("first", seed, 1));
            runs.Add(Run("other", seed, seed < seeds ? factor : 0.99));
        }

        var against = Comparison.Of(runs).Rows[1].AgainstDense!;

        Assert.Equal(outcome, against.Outcome);
        Assert.Equal(5, against.Seeds);
        Assert.Equal(factor < 1 ? 0 : seeds, against.SeedsBetter);
    }

    [Fact]
    public void A_difference_within_its_interval_is_undecided()
    {
        double[] mine = [.. Enumerable.Repeat(1.0, Images)];
        // One picture makes the whole difference.
        double[] theirs = [.. mine[1..], 30];

        var comparison = Comparison.Of([Run("first", 0, mine), Run("other", 0, theirs)]);

        Assert.True(comparison.Rows[1].AgainstDense!.Ratio > 1.4);
        Assert.Equal(0, comparison.Rows[1].AgainstDense!.Difference.Low);
        Assert.Equal(Outcome.Undecided, comparison.Rows[1].AgainstDense!.Outcome);
        Assert.Null(comparison.Rows[0].AgainstDense);
        Assert.Null(comparison.Rows[1].AgainstTruth);
    }

    [Fact]
    public void Unlike_runs_are_refused_in_one_sentence()
    {
        var first = Run("first", 0, 1);

        Refused("at least two runs", first);
        Refused("unlike seeds (0 and 1)", first, Run("other", 1, 1));
        Refused("prunes another dense model", first, With(run => run with { Model = "b" }));
        Refused("another protocol (euler20 n64 instead of ddim20 n64)", first, With(
            run => run with { Protocol = "euler20 n64 seed0" }));
        Refused("true trajectory", first, With(run => run with { Truth = "t", ToTruth = run.ToDense }));
        Refused("held against another true trajectory", Held(first, 0.1), Held(Run("other", 0, 1), 0.101));
        Assert.Equal(2, Comparison.Of([Held(first, 0.1), Held(Run("other", 0, 1), 0.10001)]).Rows.Count);

        static ComparedRun Held(ComparedRun run, double dense) => run with
        {
            Distances = run.Distances with
            {
                Truth = $"{dense}", ToTruth = run.Distances.ToDense,
                DenseToTruth = [.. Enumerable.Repeat(dense, Images)],
            },
        };

        static ComparedRun With(Func<PairDistances, PairDistances> change)
        {
            var run = Run("other", 0, 1);
            return run with { Distances = change(run.Distances) };
        }
    }

    [Fact]
    public void Notes_of_single_runs_are_remarks_and_those_of_all_are_not()
    {
        var first = Noted(Run("first", 0, 1), "few images");
        var other = Noted(Run("other", 0, 1), "few images", "took dpm");

        Assert.Equal(["other at 0.5, seed 0: took dpm"], Comparison.Of([first, other]).Remarks);

        static ComparedRun Noted(ComparedRun run, params string[] notes) =>
            run with { Report = run.Report with { Notes = notes } };
    }

    private static void Refused(string sentence, params ComparedRun[] runs)
    {
        var refusal = Assert.Throws<InvalidDataException>(() => Comparison.Of(runs));
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    // Pictures differ much more than methods do; pairs take that out.
    private static ComparedRun Run(string name, long seed, double factor) => Run(
        name, seed, [.. Enumerable.Range(0, Images).Select(image => factor * (0.1 + ((image * 7 % Images) / 10.0)))]);

    private static ComparedRun Run(string name, long seed, double[] distances) => new(
        name, 0.5, Guid.NewGuid(),
        new EvaluationReport(
            EvaluationReport.CurrentFormat, seed, name, new Verdict([]),
            [
                new("size", "total_macs", "MAC", "", Better.Lower, 2, 1),
                new("size", "calls", "", "", Better.Lower, 20, 10),
            ],
            new ScheduleMap(1000, [], [], new Dictionary<string, int>()), [], new Dictionary<string, string>()),
        new PairDistances(
            PairDistances.CurrentFormat, $"ddim20 n64 seed{seed}", "a", null, distances, null, null, null));
}
