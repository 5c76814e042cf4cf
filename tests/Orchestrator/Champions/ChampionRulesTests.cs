using Mlops.Contracts.Evaluations;
using Mlops.Orchestrator.Champions;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator.Champions;

public sealed class ChampionRulesTests
{
    private static readonly EvaluationReport Present = Read(SomeEvaluation.Json());

    /// <summary>What the challenger is, whether it wins, and what the reason says.</summary>
    public static TheoryData<string, bool, string> Challengers => new()
    {
        { SomeEvaluation.Json(pruned: "q", macs: 0.6), true, "better: macs 0.6 against 0.65" },
        { SomeEvaluation.Json(pruned: "q", macs: 0.6, seed: 7), true, "better: macs" },
        { SomeEvaluation.Json(pruned: "q", ssim: 0.9), true, "better: ssim 0.9 [0.88, 0.92] against 0.8 [0.78, 0.82]" },
        { SomeEvaluation.Json(pruned: "q", loss: 1.0), true, "better: loss 1 [0.98, 1.02] against 1.05" },
        { SomeEvaluation.Json(pruned: "q", macs: 0.6, ssim: 0.79), true, "better: macs" },
        { SomeEvaluation.Json(pruned: "q", macs: 0.6, ssim: 0.7), false, "it is worse: ssim 0.7" },
        { SomeEvaluation.Json(pruned: "q", macs: 0.6501, ssim: 0.9), false, "it is worse: macs 0.6501 against 0.65" },
        { SomeEvaluation.Json(pruned: "q", macs: 0.6, latency: 0.9), false, "it is worse: latency" },
        { SomeEvaluation.Json(pruned: "q", latency: 0.5), false, "it is not better beyond the intervals: macs" },
        { SomeEvaluation.Json(pruned: "q", ssim: 0.83, loss: 1.04), false, "not better beyond the intervals" },
        { SomeEvaluation.Json(pruned: "q", macs: 0.5, passed: false), false, "its own gate failed: mean SSIM is 0.8" },
        { SomeEvaluation.Json(macs: 0.6), false, "the champion's own model once more" },
        { SomeEvaluation.Json(pruned: "q", macs: 0.6, model: "n"), false, "not comparable: it was made from another" },
        { SomeEvaluation.Json(pruned: "q", macs: 0.6, data: "e"), false, "not comparable: it was measured on other" },
        { SomeEvaluation.Json(pruned: "q", macs: 0.6, images: 8), false, "not comparable: ssim was measured by" },
    };

    [Theory]
    [MemberData(nameof(Challengers))]
    public void A_challenger_wins_if_it_is_better_somewhere_and_worse_nowhere(
        string challenger, bool wins, string reason)
    {
        var verdict = ChampionRules.Judge(Read(challenger), Present, primary: null);

        Assert.Equal(wins, verdict.Promote);
        Assert.Contains(reason, verdict.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, true, "the first result that passed its gate")]
    [InlineData(false, false, "its own gate failed")]
    public void The_gate_alone_decides_about_the_first(bool passed, bool wins, string reason)
    {
        var verdict = ChampionRules.Judge(Read(SomeEvaluation.Json(passed: passed)), champion: null, primary: null);

        Assert.Equal(wins, verdict.Promote);
        Assert.Contains(reason, verdict.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("macs", false)]
    [InlineData("ssim", true)]
    public void With_a_primary_measurement_only_that_one_wins(string primary, bool wins)
    {
        var verdict = ChampionRules.Judge(Read(SomeEvaluation.Json(pruned: "q", ssim: 0.9)), Present, primary);

        Assert.Equal(wins, verdict.Promote);
    }

    [Fact]
    public void A_primary_measurement_that_was_not_made_is_named()
    {
        var verdict = ChampionRules.Judge(Read(SomeEvaluation.Json(pruned: "q", macs: 0.6)), Present, "beauty");

        Assert.Equal((false, "not comparable: beauty was not measured for both"), (verdict.Promote, verdict.Reason));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("no json")]
    [InlineData("""{"format":"mlops.evaluation/9","verdict":{"checks":[]},"measurements":[],"lineage":{}}""")]
    public void What_is_no_evaluation_is_refused(string text)
    {
        Assert.Throws<InvalidDataException>(() => Read(text));
    }

    private static EvaluationReport Read(string text)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("evaluation.json"), text);
        return EvaluationReport.Load(folder.Path);
    }
}
