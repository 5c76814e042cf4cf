using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Contracts.Commands;

namespace Mlops.Contracts;

/// <summary>
/// Reads any JSON whatever as a request: what does not fit becomes <see cref="RequestRun.Problem"/>, beside everything
/// that did fit, so that the answer can name the run.
/// </summary>
internal sealed class RequestRunConverter : JsonConverter<RequestRun>
{
    private static readonly string[] Names =
        ["runId", "idempotencyKey", "recipe", "inputs", "settings", "format"];

    public override bool HandleNull => true;

    public override RequestRun Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var root = JsonElement.ParseValue(ref reader);
        if (root.ValueKind != JsonValueKind.Object)
            return new() { Problem = $"the request is {SettingTexts.Kind(root)}; it must be a JSON object" };
        var problems = new List<string>();
        var properties = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase);
        foreach (var property in root.EnumerateObject())
            if (!Names.Contains(property.Name, StringComparer.OrdinalIgnoreCase))
                problems.Add($"unknown property '{property.Name}'; there are: {string.Join(", ", Names)}");
            else if (property.Value.ValueKind != JsonValueKind.Null)
                properties[property.Name] = property.Value;
        var request = new RequestRun(Text("runId"), Text("idempotencyKey"), Text("recipe"), Map("inputs"),
            Map("settings"), Scalar("format"));
        return problems.Count == 0 ? request : request with { Problem = problems[0] };

        string? Text(string name) => Find(name, JsonValueKind.String, "text") is { } value ? value.GetString() : null;

        string? Scalar(string name)
        {
            if (!properties.TryGetValue(name, out var value))
                return null;
            if (SettingTexts.TextOf(value) is { } text)
                return text;
            problems.Add($"{name} is {SettingTexts.Kind(value)}; it must be text or a number");
            return null;
        }

        Dictionary<string, string>? Map(string name)
        {
            if (Find(name, JsonValueKind.Object, "an object") is not { } map)
                return null;
            var texts = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var entry in map.EnumerateObject())
                if (SettingTexts.TextOf(entry.Value) is { } text)
                    texts[entry.Name] = text;
                else
                    problems.Add(
                        $"{name}: '{entry.Name}' is {SettingTexts.Kind(entry.Value)}; it must be text or a number");
            return texts;
        }

        JsonElement? Find(string name, JsonValueKind kind, string wanted)
        {
            if (!properties.TryGetValue(name, out var value))
                return null;
            if (value.ValueKind == kind)
                return value;
            problems.Add($"{name} is {SettingTexts.Kind(value)}; it must be {wanted}");
            return null;
        }
    }

    public override void Write(Utf8JsonWriter writer, RequestRun value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        WriteText(writer, "runId", value.RunId);
        WriteText(writer, "idempotencyKey", value.IdempotencyKey);
        WriteText(writer, "recipe", value.Recipe);
        WriteMap(writer, "inputs", value.Inputs);
        WriteMap(writer, "settings", value.Settings);
        WriteText(writer, "format", value.Format);
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
            writer.WriteString(name, text);
    }

    private static void WriteMap(Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, string>? map)
    {
        if (map is null)
            return;
        writer.WritePropertyName(name);
        SettingTexts.WriteTexts(writer, map);
    }
}
