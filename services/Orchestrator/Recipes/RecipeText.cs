using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Mlops.Orchestrator.Recipes;

/// <summary>Turns YAML (of which JSON is a part) into JSON nodes. No tags, no anchors, no second document.</summary>
public static class RecipeText
{
    private const int LongestText = 64 * 1024;

    // Far more than any recipe needs, and far less than the stack of the readers bears: they call themselves.
    private const int DeepestNesting = 16;

    /// <summary>Parses the one document of a text.</summary>
    /// <exception cref="InvalidDataException">Says line and cause.</exception>
    public static JsonNode? Parse(string text)
    {
        if (text.Length > LongestText)
            throw new InvalidDataException($"the recipe has {text.Length} characters; at most {LongestText} are read");
        try
        {
            CheckNesting(text);
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            return yaml.Documents.Count == 1
                ? ToJson(yaml.Documents[0].RootNode)
                : throw new InvalidDataException($"the recipe has {yaml.Documents.Count} documents; write exactly one");
        }
        catch (YamlException exception)
        {
            throw new InvalidDataException(
                $"the recipe is not valid YAML at line {exception.Start.Line}: {exception.Message}", exception);
        }
    }

    private static void CheckNesting(string text)
    {
        var events = new Parser(new StringReader(text));
        // Stream and document are the outermost two.
        var depth = -2;
        while (events.MoveNext())
            if ((depth += events.Current!.NestingIncrease) > DeepestNesting)
                throw new InvalidDataException(
                    $"the recipe is nested more than {DeepestNesting} deep at line {events.Current!.Start.Line}");
    }

    /// <summary>Reads a value as it would be read in a recipe: number, true, false, null, list, or else text.</summary>
    public static JsonNode? ParseValue(string text)
    {
        var trimmed = text.Trim();
        return trimmed is ['[' or '"', ..] ? Parse(trimmed) : Plain(trimmed);
    }

    private static JsonNode? ToJson(YamlNode node)
    {
        if (!node.Anchor.IsEmpty)
            throw new InvalidDataException($"the recipe has an anchor at line {node.Start.Line}; write the value out");
        return node switch
        {
            YamlMappingNode map => new JsonObject(
                map.Children.Select(pair => KeyValuePair.Create(KeyOf(pair.Key), ToJson(pair.Value)))),
            YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
            YamlScalarNode { Style: ScalarStyle.Plain } plain => Plain(plain.Value ?? ""),
            YamlScalarNode quoted => JsonValue.Create(quoted.Value),
            _ => throw new InvalidDataException(
                $"the recipe has an alias at line {node.Start.Line}; write the value out"),
        };
    }

    private static string KeyOf(YamlNode node) => node is YamlScalarNode { Value: { Length: > 0 } key }
        ? key
        : throw new InvalidDataException($"the recipe has a key that is not a word at line {node.Start.Line}");

    private static JsonNode? Plain(string text)
    {
        if (text is "" or "~" or "null")
            return null;
        if (text is "true" or "false")
            return JsonValue.Create(text == "true");
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return JsonValue.Create(whole);
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
            ? JsonValue.Create(number)
            : JsonValue.Create(text);
    }
}
