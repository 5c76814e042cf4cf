using Mlops.Orchestrator.Recipes;

namespace Mlops.Tests.Cli;

/// <summary>Settings that make a run of a recipe short and leave everything else at its default.</summary>
internal static class ShortRuns
{
    private static readonly Dictionary<string, string[]> Lengths = new()
    {
        ["model"] = ["steps=6", "batch-size=2", "pictures=1"],
        ["data"] = ["images=10", "batch=10", "steps=2"],
        ["scores"] = ["samples=2", "batch-size=2", "stride=100", "probes=1", "steps=6"],
        ["schedule"] =
        [
            "generations=1", "survivors=2", "offspring=4", "probes=1", "steps=10", "curve-levels=1", "check-probes=1",
        ],
        ["levels"] = ["steps=10"],
        ["table"] = ["probes=2", "signs=1", "check-probes=2", "steps=6"],
        ["tuned"] = ["steps=6", "batch-size=2", "score-images=2", "zero-shot-images=2", "probes=2", "probe-steps=6"],
        ["evaluation"] =
        [
            "images=4", "batch=4", "steps=6", "real-images=4", "loss-images=4", "pairs=2", "timing-rounds=1",
            "timing-batch=1",
        ],
    };

    /// <summary>The arguments of every named recipe, for a run with a model and data.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } =
        new RecipeBook().All.ToDictionary(recipe => recipe.Name, recipe => string.Join(' ', For(recipe.Name)));

    /// <summary>The arguments of a recipe; <paramref name="before"/> names the jobs that its inputs add.</summary>
    public static IEnumerable<string> For(string recipe, params string[] before) =>
        from job in new RecipeBook().Find(recipe).Jobs.Select(job => job.Id).Concat(before)
        from setting in Lengths.GetValueOrDefault(job, [])
        from word in (string[])["--set", $"{job}.{setting}"]
        select word;
}
