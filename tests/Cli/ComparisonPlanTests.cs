using System.Text.Json.Nodes;
using Mlops.Cli.Comparing;
using Mlops.Cli.Hosting;
using Mlops.Contracts;

namespace Mlops.Tests.Cli;

/// <summary>One protocol in all recipes of a comparison.</summary>
public sealed class ComparisonPlanTests
{
    private static readonly Dictionary<string, ObjectRef> Model = new() { ["model"] = new(new string('a', 64), 1) };

    /// <summary>Scores of weights and gradients alone have no guidance, and a recipe with them is compared all the
    /// same.</summary>
    [Theory]
    [InlineData("alter", null, true, "tuned")]
    [InlineData("laptop", null, false, "tuned")]
    [InlineData("wanda", null, true)]
    [InlineData("diff-es-width", null, true)]
    [InlineData("diff-es-width", "magnitude", false)]
    [InlineData("magnitude", null, false)]
    [InlineData("magnitude", "block-cosine", true)]
    [InlineData("diff-pruning", null, false)]
    [InlineData("random", null, false)]
    public void Guidance_goes_to_scores_and_training_that_take_it(
        string recipe, string? method, bool takes, string id = "scores")
    {
        var plan = new ComparisonPlan(
            [recipe], [0.65], Seeds: 1, new("auto", 12, 2.5, 8, TruthSteps: 0),
            method is null ? new Dictionary<string, string>() : new() { ["scores.method"] = method });

        var cell = Assert.Single(plan.Cells(Model));

        var scores = JsonNode.Parse(cell.Command.Recipe)!["jobs"]!.AsArray().Single(
            job => job!["id"]!.GetValue<string>() == id)!["with"]!;
        Assert.Equal(takes ? 2.5 : null, (double?)scores["guidance"]);
        // Refuses what a service would.
        Assert.NotEmpty(EmbeddedHost.CreatePlanner().Plan(cell.Command, now: 0).Jobs);
    }

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

        var cell = Assert.Single(plan.Cells(Model));

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
