using Mlops.Contracts.Recipes;
using Mlops.Platform.Errors;

namespace Mlops.Orchestrator.Recipes;

/// <summary>The recipes that come with the program.</summary>
public sealed class RecipeBook
{
    private const string Suffix = ".yaml";
    private readonly Dictionary<string, (Recipe Recipe, string Text)> _recipes;

    /// <summary>Reads all of them.</summary>
    public RecipeBook()
    {
        var assembly = typeof(RecipeBook).Assembly;
        _recipes = assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                var text = reader.ReadToEnd();
                return (Recipe: RecipeReader.Read(text), Text: text);
            })
            .ToDictionary(known => known.Recipe.Name, StringComparer.Ordinal);
    }

    /// <summary>In alphabetical order.</summary>
    public IReadOnlyList<Recipe> All =>
        [.. _recipes.Values.Select(known => known.Recipe).OrderBy(recipe => recipe.Name, StringComparer.Ordinal)];

    /// <summary>What is written in the file of a recipe.</summary>
    public string TextOf(string name) => _recipes[name].Text;

    /// <summary>The recipe of that name, or the one that the text is.</summary>
    /// <exception cref="ArgumentException">No recipe has that name.</exception>
    /// <exception cref="InvalidDataException">The text is not a recipe.</exception>
    public Recipe Find(string nameOrText)
    {
        if (_recipes.TryGetValue(nameOrText.Trim(), out var known))
            return known.Recipe;
        return nameOrText.AsSpan().ContainsAny('\n', ':', '{')
            ? RecipeReader.Read(nameOrText)
            : throw new ArgumentException(
                $"unknown recipe '{nameOrText}'{Suggestion.For(nameOrText, _recipes.Keys)}; known recipes: "
                + $"{string.Join(", ", All.Select(recipe => recipe.Name))}; "
                + "or give the path of a YAML file");
    }
}
