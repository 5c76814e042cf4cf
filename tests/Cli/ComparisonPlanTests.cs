using System.Text.Json.Nodes;
using Mlops.Cli.Comparing;
using Mlops.Contracts;

namespace Mlops.Tests.Cli;

/// <summary>One protocol in all recipes of a comparison.</summary>
public sealed class ComparisonPlanTests
{
    [Theory]
    [InlineData(new[] { "forecast", "fora", "forecast" }, new[] { 0.5 }, 20, "two recipes are named 'forecast'")]
    [InlineData(new[] { "forecast", "fora" }, new[] { 0.5, 0.35, 0.5 }, 20, "a budget is named twice")]
    [InlineData(new[] { "forecast", "fora" }, new[] { 0.5 }, -5, "--truth-steps -5 is no number of steps")]
    public void What_would_mix_rows_is_refused(string[] recipes, double[] budgets, int truth, string sentence)
    {
        var plan = new ComparisonPlan(
            recipes, budgets, Seeds: 1, new("ddim", 20, 1, 8, truth), new Dictionary<string, string>());

        var refusal = Assert.Throws<ArgumentException>(() => plan.Cells(new Dictionary<string, ObjectRef>()));

        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2.5)]
    public void Guidance_is_that_of_scores_search_and_evaluation(double guidance)
    {
        var plan = new ComparisonPlan(
            ["diff-es"], [0.65], Seeds: 1, new("dpm-solver", 12, guidance, 8, TruthSteps: 0),
            new Dictionary<string, string>());

        var cell = Assert.Single(plan.Cells(new Dictionary<string, ObjectRef>()));

        var jobs = JsonNode.Parse(cell.Command.Recipe)!["jobs"]!.AsArray().ToDictionary(
            job => job!["id"]!.GetValue<string>(), job => job!["with"]!.AsObject());
        foreach (var sampling in (string[])["schedule", "evaluation"])
            Assert.Equal(
                (guidance, "dpm-solver", 12),
                ((double)jobs[sampling]["guidance"]!, (string)jobs[sampling]["sampler"]!,
                    (int)jobs[sampling]["steps"]!));
        // As without it where there is none, so that earlier scores are found again.
        Assert.Equal(guidance == 1 ? null : guidance, (double?)jobs["scores"]["guidance"]);
    }
}
