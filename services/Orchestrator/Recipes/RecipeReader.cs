using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mlops.Contracts;
using Mlops.Contracts.Recipes;

namespace Mlops.Orchestrator.Recipes;

/// <summary>Reads a recipe strictly: every key is known, every value has its type, every use has a source.</summary>
public static partial class RecipeReader
{
    private static readonly string[] RecipeKeys = ["name", "description", "seed", "macs", "jobs"];
    private static readonly string[] JobKeys = ["id", "job", "uses", "with"];

    /// <summary>Reads YAML or JSON.</summary>
    /// <exception cref="InvalidDataException">One sentence: what, where, how to fix it.</exception>
    public static Recipe Read(string text)
    {
        if (RecipeText.Parse(text) is not JsonObject root)
            throw new InvalidDataException("a recipe is a mapping with the keys " + string.Join(", ", RecipeKeys));
        CheckKeys(root, RecipeKeys, "the recipe");
        var name = Text(root, "name", "the recipe");
        if (!Word().IsMatch(name))
            throw new InvalidDataException($"the recipe's name '{name}' must be lower-case words joined by hyphens");
        var where = $"recipe '{name}'";
        if (root["jobs"] is not JsonArray { Count: > 0 } jobs)
            throw new InvalidDataException($"{where} has no jobs; list at least one under 'jobs'");
        var recipe = new Recipe(
            name, Text(root, "description", where), Number<long>(root, "seed", where, 0),
            Number(root, "macs", where, 1.0),
            [.. jobs.Select((job, index) => ReadJob(job, $"{where}, job {index + 1}"))]);
        CheckMacs(recipe.Macs, where);
        CheckIds(recipe);
        return recipe;
    }

    /// <summary>The kept ratio must leave something and may leave everything.</summary>
    internal static void CheckMacs(double macs, string where)
    {
        if (macs is not (> 0 and <= 1))
            throw new InvalidDataException(
                $"{where} has macs {macs}; it is the share of MACs to keep and must be above 0 and at most 1");
    }

    private static RecipeJob ReadJob(JsonNode? node, string place)
    {
        if (node is not JsonObject job)
            throw new InvalidDataException($"{place} must be a mapping with the keys {string.Join(", ", JobKeys)}");
        CheckKeys(job, JobKeys, place);
        var id = Text(job, "id", place);
        if (!Word().IsMatch(id))
            throw new InvalidDataException($"{place}: the id '{id}' must be lower-case words joined by hyphens");
        return new RecipeJob(
            id, KindOf(Text(job, "job", place), place),
            Mapping(job, "uses", place).ToDictionary(
                use => use.Key, use => Text(use.Value, $"{place}, role '{use.Key}'")),
            Mapping(job, "with", place).ToDictionary(
                option => option.Key, option => JsonSerializer.SerializeToElement(option.Value)));
    }

    private static JobKind KindOf(string name, string place)
    {
        foreach (var kind in Enum.GetValues<JobKind>())
            if (JobKinds.NameOf(kind) == name)
                return kind;
        throw new InvalidDataException(
            $"{place}: unknown job '{name}'; known jobs: "
            + $"{string.Join(", ", Enum.GetValues<JobKind>().Select(JobKinds.NameOf))}");
    }

    private static void CheckIds(Recipe recipe)
    {
        var twice = recipe.Jobs.GroupBy(job => job.Id).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
            throw new InvalidDataException($"recipe '{recipe.Name}' has two jobs '{twice.Key}'; give each its own id");
    }

    private static void CheckKeys(JsonObject map, string[] known, string where)
    {
        var stray = map.Select(pair => pair.Key).FirstOrDefault(key => !known.Contains(key));
        if (stray is not null)
            throw new InvalidDataException(
                $"{where} has the unknown key '{stray}'; "
                + $"known keys: {string.Join(", ", known)}");
    }

    private static JsonObject Mapping(JsonObject map, string key, string where) => map[key] switch
    {
        null => [],
        JsonObject found => found,
        _ => throw new InvalidDataException($"{where}: '{key}' must be a mapping of names to values"),
    };

    private static string Text(JsonObject map, string key, string where) => map.ContainsKey(key)
        ? Text(map[key], $"{where}: '{key}'")
        : throw new InvalidDataException($"{where} has no '{key}'; add it");

    private static string Text(JsonNode? node, string where) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0
            ? text
            : throw new InvalidDataException($"{where} must be a text");

    private static T Number<T>(JsonObject map, string key, string where, T fallback) where T : struct
    {
        if (!map.ContainsKey(key))
            return fallback;
        try
        {
            return map[key].Deserialize<T>();
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                $"{where} has {key} {map[key]?.ToJsonString() ?? "null"}; it must be a number", exception);
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    private static partial Regex Word();
}
