using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Contracts;

/// <summary>Overrides of a recipe in JSON: people write text, numbers, true, false or lists, and each is kept as the
/// text that it was.</summary>
public sealed class SettingTexts : JsonConverter<IReadOnlyDictionary<string, string>>
{
    /// <inheritdoc/>
    /// <exception cref="JsonException">It is no object, or a value is null or an object.</exception>
    public override IReadOnlyDictionary<string, string> Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var map = JsonElement.ParseValue(ref reader);
        if (map.ValueKind != JsonValueKind.Object)
            throw new JsonException($"settings is {Kind(map)}; it must be an object");
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in map.EnumerateObject())
            texts[entry.Name] = TextOf(entry.Value) ?? throw new JsonException(
                $"settings: '{entry.Name}' is {Kind(entry.Value)}; it must be text or a number");
        return texts;
    }

    /// <inheritdoc/>
    public override void Write(
        Utf8JsonWriter writer, IReadOnlyDictionary<string, string> value, JsonSerializerOptions options) =>
        WriteTexts(writer, value);

    /// <summary>Writes a map as an object of texts.</summary>
    internal static void WriteTexts(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> map)
    {
        writer.WriteStartObject();
        foreach (var (key, text) in map)
            writer.WriteString(key, text);
        writer.WriteEndObject();
    }

    /// <summary>The text of one value; null if it is none of these.</summary>
    internal static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        // A list is an option's value as well: stages: [0.1, 0.2].
        JsonValueKind.Array => value.GetRawText(),
        _ => null,
    };

    /// <summary>What a value is, for messages.</summary>
    internal static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.String => "text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };
}
