using System.Text.Json;

namespace Mlops.Tests.Platform.Telemetry;

/// <summary>A line of a log as Seq gets it; names of its resource as queries have them.</summary>
public sealed record SeqLine(
    string Template, string? TraceId, string? SpanId, Dictionary<string, string> Attributes,
    Dictionary<string, string> Resource)
{
    public static SeqLine Parse(string json)
    {
        using var line = JsonDocument.Parse(json);
        var fields = line.RootElement.EnumerateObject().ToDictionary(field => field.Name, field => field.Value);
        return new(
            Text("@mt")!, Text("@tr"), Text("@sp"),
            fields.Where(field => field.Key[0] != '@').ToDictionary(field => field.Key, field => $"{field.Value}"),
            Leaves(fields["@ra"], "").ToDictionary());

        string? Text(string name) => fields.TryGetValue(name, out var field) ? field.GetString() : null;
    }

    private static IEnumerable<(string Name, string Value)> Leaves(JsonElement tree, string above) =>
        tree.EnumerateObject().SelectMany(each => each.Value.ValueKind == JsonValueKind.Object
            ? Leaves(each.Value, $"{above}{each.Name}.")
            : [($"{above}{each.Name}", $"{each.Value}")]);
}
