using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Orchestrator.Recipes;
using Mlops.Orchestrator.Runs;
using Mlops.Platform.Jobs;

namespace Mlops.Tests.Orchestrator;

public sealed class RecipeTests
{
    private const string Small = """
        name: small
        description: "One job."
        macs: 0.5
        jobs:
          - id: tuned
            job: co-finetune
            uses: { data: data }
            with: { mode: distil, steps: 7, rate: 1e-4, ema: true, note: "8", layers: [1, 2], macs: $macs }
        """;

    private static readonly ObjectRef Artifact = new(new string('a', 64), 1);
    private readonly RunPlanner _planner = new(new RecipeBook(), []);

    [Theory]
    [InlineData("alter")]
    [InlineData("alter-from-dense")]
    [InlineData("diff-es")]
    [InlineData("diff-pruning")]
    [InlineData("entpruner")]
    [InlineData("forecast")]
    [InlineData("laptop")]
    [InlineData("magnitude")]
    [InlineData("random")]
    [InlineData("stagewise")]
    public void A_named_recipe_plans_a_run_that_trains_its_model_first_when_there_is_none(string name)
    {
        var run = Plan(name);

        Assert.Equal("model", run.Jobs[0].JobId);
        Assert.Equal("""{"mode":"dense"}""", run.Jobs[0].Settings);
        Assert.Equal(JobKind.Evaluate, run.Jobs[^1].Kind);
        Assert.NotEqual("model", Plan(name, model: true).Jobs[0].JobId);
    }

    [Fact]
    public void Values_of_a_recipe_keep_their_types_and_the_budget_is_filled_in()
    {
        Assert.Equal(
            """{"mode":"distil","steps":7,"rate":0.0001,"ema":true,"note":"8","layers":[1,2],"macs":0.5}""",
            Plan(Small).Jobs[0].Settings);
    }

    [Fact]
    public void Overrides_replace_seed_budget_and_options()
    {
        var run = Plan(Small, new() { ["seed"] = "9", ["macs"] = "0.25", ["tuned.steps"] = "3", ["tuned.name"] = "x" });

        Assert.Equal((9, 0.25), (run.Seed, run.Macs));
        Assert.Contains("\"steps\":3,", run.Jobs[0].Settings);
        Assert.Contains("\"macs\":0.25", run.Jobs[0].Settings);
        Assert.Contains("\"name\":\"x\"", run.Jobs[0].Settings);
    }

    [Theory]
    [InlineData("[", 60_000)]
    [InlineData("- ", 30_000)]
    [InlineData("{a: ", 15_000)]
    [InlineData("[", 17)]
    public void A_text_that_is_nested_too_deep_is_refused_and_not_read_to_the_end_of_the_stack(string open, int times)
    {
        var text = string.Concat(Enumerable.Repeat(open, times)) + "\n";

        var thrown = Assert.Throws<InvalidDataException>(() => Plan(text));

        Assert.Contains("nested more than 16 deep at line 1", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_is_read_as_well()
    {
        var run = Plan("""
            {"name": "j", "description": "d", "jobs": [{"id": "e", "job": "evaluate", "uses": {"data": "data"}}]}
            """);

        Assert.Equal(("j", JobKind.Evaluate, "{}"), (run.Recipe, run.Jobs[0].Kind, run.Jobs[0].Settings));
    }

    [Theory]
    [InlineData("jobs:", "jobz:", "recipe has the unknown key 'jobz'; known keys: name, description, seed, macs, jobs")]
    [InlineData("id: tuned", "ident: tuned", "job 1 has the unknown key 'ident'")]
    [InlineData("job: co-finetune", "job: prune", "unknown job 'prune'; known jobs: generate-images, score-importance")]
    [InlineData("uses: { data: data }", "uses: { scores: scores }", "uses 'scores' as scores, which is neither")]
    [InlineData("uses: { data: data }", "uses: data", "'uses' must be a mapping")]
    [InlineData("name: small", "name: Small One", "must be lower-case words joined by hyphens")]
    [InlineData("name: small\n", "", "has no 'name'; add it")]
    [InlineData("macs: 0.5", "macs: 1.5", "has macs 1.5; it is the share of MACs to keep")]
    [InlineData("macs: 0.5", "macs: half", "has macs \"half\"; it must be a number")]
    [InlineData("macs: 0.5", "macs: 0.5\nmacs: 0.6", "the recipe is not valid YAML at line 4")]
    [InlineData("macs: 0.5", "macs: &anchor 0.5", "has an anchor at line 3")]
    [InlineData("with: {", "with: [", "the recipe is not valid YAML at line 8")]
    [InlineData("  - id", "---\n  - id", "documents; write exactly one")]
    public void A_bad_recipe_is_refused_with_a_sentence(string text, string replacement, string expected)
    {
        var thrown = Assert.Throws<InvalidDataException>(
            () => Plan(Small.Replace(text, replacement, StringComparison.Ordinal)));

        Assert.Contains(expected, thrown.Message);
    }

    [Theory]
    [InlineData("macs", "1.01", "has macs 1.01")]
    [InlineData("macs", "much", "macs 'much' must be a number")]
    [InlineData("seed", "x", "seed 'x' must be a whole number")]
    [InlineData("steps", "3", "'steps'; give seed, macs, or job.option with one of the jobs model, ")]
    [InlineData("tunes.steps", "3", "unknown setting 'tunes.steps'")]
    public void A_bad_override_is_refused_with_a_sentence(string name, string value, string expected)
    {
        var thrown = Assert.ThrowsAny<Exception>(() => Plan("alter", new() { [name] = value }));

        Assert.True(thrown is ArgumentException or InvalidDataException);
        Assert.Contains(expected, thrown.Message);
    }

    [Fact]
    public void An_unknown_recipe_is_answered_with_the_known_ones()
    {
        var thrown = Assert.Throws<ArgumentException>(() => Plan("altar"));

        Assert.StartsWith(
            "unknown recipe 'altar' (did you mean 'alter'?); known recipes: alter, alter-from-dense, back-levels, ",
            thrown.Message);
    }

    [Fact]
    public void Features_go_to_every_evaluation_and_a_run_without_one_is_refused()
    {
        var start = Start("laptop", [], model: true);
        var inputs = new Dictionary<string, ObjectRef>(start.Inputs) { ["features"] = Artifact };

        var run = _planner.Plan(start with { Inputs = inputs }, now: 0);
        var thrown = Assert.Throws<InvalidDataException>(
            () => _planner.Plan(Start(Small, [], model: false) with { Inputs = inputs }, now: 0));

        Assert.Equal(["evaluation"], run.Jobs.Where(job => job.Uses.ContainsKey("features")).Select(job => job.JobId));
        Assert.Contains("uses no input 'features'; leave it out", thrown.Message);
    }

    [Fact]
    public void Options_are_checked_before_the_run_starts_where_the_service_is_known()
    {
        var check = new JobOptionsCheck(
            JobKind.CoFinetune, _ => throw new ArgumentException("unknown option 'note'; known options: steps"));
        var planner = new RunPlanner(new RecipeBook(), [check]);

        var thrown = Assert.Throws<ArgumentException>(() => planner.Plan(Start(Small, [], model: false), now: 0));

        Assert.StartsWith("job 'tuned': unknown option 'note'", thrown.Message);
    }

    private RunState Plan(string recipe, Dictionary<string, string>? settings = null, bool model = false) =>
        _planner.Plan(Start(recipe, settings ?? [], model), now: 0);

    private static StartRun Start(string recipe, Dictionary<string, string> settings, bool model)
    {
        var inputs = new Dictionary<string, ObjectRef> { ["data"] = Artifact };
        if (model)
            inputs["model"] = Artifact;
        return new StartRun(Guid.NewGuid(), recipe, inputs, settings);
    }
}
