using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mlops.Cli.Hosting;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Recipes;
using Mlops.ImportanceScoring;
using Mlops.Orchestrator.Recipes;

namespace Mlops.Cli.Comparing;

/// <summary>How all runs of a comparison sample and are measured.</summary>
/// <param name="Sampler">Short name, or <c>auto</c>.</param>
/// <param name="Steps">Sampler steps of the dense model.</param>
/// <param name="Guidance">w; 1 is none.</param>
/// <param name="Images">Noises on which the methods are compared; none of them chose anything on these.</param>
/// <param name="TruthSteps">Consistent steps of the true trajectory; 0 leaves it out.</param>
public sealed record ComparisonProtocol(string Sampler, int Steps, double Guidance, int Images, int TruthSteps);

/// <summary>Every method under every budget with every seed: recipes with one protocol put into them.</summary>
/// <param name="Recipes">Names or whole texts; the others are held against the first.</param>
/// <param name="Budgets">Shares of total MACs.</param>
/// <param name="Seeds">How many, from 0 on; each has noises of its own.</param>
/// <param name="Settings">Other options, <c>job.option</c>; each goes to the recipes that have the job.</param>
public sealed record ComparisonPlan(
    IReadOnlyList<string> Recipes, IReadOnlyList<double> Budgets, int Seeds, ComparisonProtocol Protocol,
    IReadOnlyDictionary<string, string> Settings)
{
    private const string Truth = "truth";

    /// <summary>One run of the plan.</summary>
    public sealed record Cell(string Name, double Budget, StartRun Command);

    /// <summary>All runs, budget by budget.</summary>
    /// <exception cref="ArgumentException">A recipe that is unknown, evaluates nothing, or has the name of another; a
    /// budget that is named twice.</exception>
    public IReadOnlyList<Cell> Cells(IReadOnlyDictionary<string, ObjectRef> inputs)
    {
        var book = new RecipeBook();
        var recipes = Recipes.Select(recipe => book.Find(RunRequest.Text(recipe))).ToList();
        if (recipes.Find(recipe => recipe.Jobs.All(job => job.Job != JobKind.Evaluate)) is { } unjudged)
            throw new ArgumentException(
                $"recipe '{unjudged.Name}' evaluates nothing; compare recipes that prune and evaluate a model");
        if (recipes.GroupBy(recipe => recipe.Name).FirstOrDefault(alike => alike.Count() > 1) is { } twice)
            throw new ArgumentException(
                $"two recipes are named '{twice.Key}', which would be one row; give each file a 'name' of its own");
        if (Budgets.Distinct().Count() < Budgets.Count)
            throw new ArgumentException("a budget is named twice; name each of --total-macs once");
        if (Protocol.TruthSteps < 0)
            throw new ArgumentException(
                $"--truth-steps {Protocol.TruthSteps} is no number of steps; 0 leaves the true trajectory out");
        return
        [
            .. from budget in Budgets
               from recipe in recipes
               from seed in Enumerable.Range(0, Seeds)
               select new Cell(
                   recipe.Name, budget,
                   new StartRun(Guid.NewGuid(), Text(recipe), inputs, SettingsOf(recipe, recipes, budget, seed))),
        ];
    }

    // A setting of a job that no recipe names goes to all: it may be for a job that the inputs add.
    private Dictionary<string, string> SettingsOf(Recipe recipe, List<Recipe> all, double budget, int seed) =>
        new(Settings.Where(setting => Names(recipe, setting.Key) || !all.Exists(other => Names(other, setting.Key))))
        {
            ["macs"] = budget.ToString(CultureInfo.InvariantCulture),
            ["seed"] = seed.ToString(CultureInfo.InvariantCulture),
        };

    private static bool Names(Recipe recipe, string setting) =>
        recipe.Jobs.Any(job => setting.StartsWith($"{job.Id}.", StringComparison.Ordinal));

    // As JSON, which the reader of recipes takes as well.
    private string Text(Recipe recipe)
    {
        var jobs = new JsonArray();
        if (Protocol.TruthSteps > 0)
            jobs.Add(Job(Truth, JobKind.GenerateImages, new JsonObject { ["model"] = "model" }, new JsonObject
            {
                ["noise"] = "evaluation", ["images"] = Protocol.Images, ["steps"] = Protocol.TruthSteps,
                ["guidance"] = Protocol.Guidance, ["use-clipped-model-output"] = true,
            }));
        foreach (var job in recipe.Jobs)
        {
            var uses = new JsonObject(job.Uses.Select(use => KeyValuePair.Create(use.Key, (JsonNode?)use.Value)));
            var with = JsonSerializer.SerializeToNode(job.With)!.AsObject();
            if (job.Job == JobKind.Evaluate && Protocol.TruthSteps > 0)
                uses[Truth] = Truth;
            // Distributions say little at this size, and pairs say it all; fewer steps are a recipe of their own.
            if (job.Job == JobKind.Evaluate)
                (with["images"], with["real-images"], with["fewer-steps"]) = (Protocol.Images, 0, false);
            // What samples nothing stays as it is, and layers are scored on the sampler that their recipe names: the
            // protocol in these would have all that follows trained anew for every sampler.
            if (job.Job == JobKind.Evaluate || (job.Job == JobKind.SearchSchedule && !SamplesNothing(job)))
                PutSampling(with);
            else if (Protocol.Guidance != 1 && TakesGuidance(job))
                with["guidance"] = Protocol.Guidance;
            jobs.Add(Job(job.Id, job.Job, uses, with));
        }

        return new JsonObject
        {
            ["name"] = recipe.Name, ["description"] = recipe.Description, ["seed"] = recipe.Seed,
            ["macs"] = recipe.Macs, ["jobs"] = jobs,
        }.ToJsonString();
    }

    private void PutSampling(JsonObject with)
    {
        (with["sampler"], with["steps"]) = (Protocol.Sampler, Protocol.Steps);
        (with["guidance"], with["use-clipped-model-output"]) = (Protocol.Guidance, true);
    }

    // Of training only ALTER's masks are judged by samples. A criterion that there is not is left to the planner to
    // refuse.
    private bool TakesGuidance(RecipeJob job)
    {
        if (job.Job != JobKind.ScoreImportance)
            return job.Job == JobKind.CoFinetune && job.With.TryGetValue("mode", out var mode)
                && mode.GetString() == "alter";
        var name = Settings.GetValueOrDefault($"{job.Id}.method")
            ?? (job.With.TryGetValue("method", out var given) ? given.GetString()!
                : $"{new ImportanceScoringOptions().Method}");
        return !Enum.TryParse<ScoringMethod>(name.Replace("-", ""), ignoreCase: true, out var method)
            || ImportanceScoringOptions.TakesGuidance(method);
    }

    private static bool SamplesNothing(RecipeJob job) =>
        job.With.TryGetValue("method", out var method) && method.GetString() is "joint" or "mosaic";

    private static JsonObject Job(string id, JobKind kind, JsonObject uses, JsonObject with) => new()
    {
        ["id"] = id, ["job"] = JobKinds.NameOf(kind), ["uses"] = uses, ["with"] = with,
    };
}
