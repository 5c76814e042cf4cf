using Mlops.Diffusion.Data;
using Mlops.Orchestrator.Recipes;

namespace Mlops.Cli.Hosting;

/// <summary>What a person asks for.</summary>
/// <param name="Recipe">A recipe's name or its whole text.</param>
/// <param name="Model">A diffusers model folder; null trains one on the data.</param>
/// <param name="Data">A folder of images, or <c>procedural</c>; null samples the model.</param>
/// <param name="Settings">Overrides of the recipe, as text.</param>
public sealed record RunRequest(
    string Recipe, string? Model, string? Data, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>Weights of a network for features: a file or a folder; null takes the dense model.</summary>
    public string? Features { get; init; }

    /// <summary>The same, or with the model that comes with the program where neither model nor data is given; a recipe
    /// that trains its own model gets images only.</summary>
    public RunRequest OrFashion() =>
        Model is not null || Data is not null ? this
        : new RecipeBook().Find(Recipe).Jobs.Any(job => job.Id == "model")
            ? this with { Data = Fashion.Data ?? DataFolder.Procedural }
        : this with { Model = Fashion.Model, Data = Fashion.Data };

    /// <summary>The recipe's text if this is a file, else the name itself.</summary>
    public static string Text(string recipe)
    {
        var isPath = Path.GetExtension(recipe) is ".yaml" or ".yml" or ".json" || recipe.Contains('/');
        if (isPath && !File.Exists(recipe))
            throw new FileNotFoundException(
                $"the recipe file '{recipe}' does not exist; `mlops recipes` lists the named ones");
        return isPath ? File.ReadAllText(recipe) : recipe;
    }

    /// <summary>Overrides from the command line.</summary>
    /// <exception cref="ArgumentException">One that is not <c>name=value</c>.</exception>
    public static IReadOnlyDictionary<string, string> Overrides(string? macs, string? seed, IEnumerable<string> others)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        if (macs is not null)
            settings["macs"] = macs;
        if (seed is not null)
            settings["seed"] = seed;
        foreach (var other in others)
            settings[Name(other)] = other[(Name(other).Length + 1)..];
        return settings;
    }

    private static string Name(string setting) => setting.IndexOf('=', StringComparison.Ordinal) is var end and > 0
        ? setting[..end]
        : throw new ArgumentException($"'--set {setting}' is not of the form job.option=value");
}
