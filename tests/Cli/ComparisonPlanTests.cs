using System.Text.Json.Nodes;
using Mlops.Cli.Comparing;
using Mlops.Contracts;

namespace Mlops.Tests.Cli;

/// <summary>One protocol in all recipes of a comparison.</summary>
public sealed class ComparisonPlanTests
{
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
