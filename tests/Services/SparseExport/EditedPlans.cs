using System.Text.Json.Nodes;
using Mlops.Diffusion.Data;

namespace Mlops.Tests.Services.SparseExport;

/// <summary>The entry "pruned" of a config.json as somebody's editor may leave it.</summary>
internal static class EditedPlans
{
    private static readonly Func<JsonNode?>[] Values =
    [
        () => null, () => -1, () => 0, () => 1, () => 3, () => 0.5, () => 1e9, () => 1e300, () => "", () => "x",
        () => true, () => new JsonArray(), () => new JsonObject(), () => new JsonArray(1, "a", null),
    ];

    /// <summary>Texts of config.json in each of which one place is changed, taken out, doubled or renamed.</summary>
    public static IEnumerable<string> Of(string config, int count, ulong seed)
    {
        var random = new SeededRandom(seed);
        for (var made = 0; made < count; made++)
        {
            var edited = JsonNode.Parse(config)!;
            var places = Places(edited["pruned"]!).ToArray();
            Edit(places[random.Below(places.Length)], ref random);
            yield return edited.ToJsonString();
        }
    }

    private static void Edit(JsonNode place, ref SeededRandom random)
    {
        var value = Values[random.Below(Values.Length)]();
        switch (place.Parent, random.Below(3))
        {
            case (JsonObject parent, 0):
                parent.Remove(place.GetPropertyName());
                break;
            case (JsonObject parent, 1):
                var name = place.GetPropertyName();
                parent.Remove(name);
                parent[name + "s"] = place;
                break;
            case (JsonObject parent, _):
                parent[place.GetPropertyName()] = value;
                break;
            case (JsonArray parent, 0):
                parent.RemoveAt(place.GetElementIndex());
                break;
            case (JsonArray parent, 1):
                parent.Insert(place.GetElementIndex(), place.DeepClone());
                break;
            case (JsonArray parent, _):
                parent[place.GetElementIndex()] = value;
                break;
        }
    }

    // Every value below, whole lists and objects among them; what is null cannot be asked where it is.
    private static IEnumerable<JsonNode> Places(JsonNode root) => root switch
    {
        JsonObject members => members.Select(member => member.Value).OfType<JsonNode>()
            .SelectMany(value => Places(value).Prepend(value)),
        JsonArray items => items.OfType<JsonNode>().SelectMany(value => Places(value).Prepend(value)),
        _ => [],
    };
}
