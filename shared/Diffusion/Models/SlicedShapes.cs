using System.Text.Json.Nodes;
using TorchSharp.Modules;

namespace Mlops.Diffusion.Models;

/// <summary>What slicing changes besides weight shapes: norm groups and head widths, by module path.</summary>
/// <param name="NormGroups">Norms with fewer groups than configured.</param>
/// <param name="HeadWidths">Attention layers with cut heads.</param>
public sealed record SlicedShapes(
    IReadOnlyDictionary<string, long> NormGroups, IReadOnlyDictionary<string, IReadOnlyList<long>> HeadWidths)
{
    /// <summary>The config entry that carries it; other readers ignore names that begin with an underscore.</summary>
    public const string Key = "_sliced";

    /// <summary>Whether anything differs from the configuration.</summary>
    public bool Any => NormGroups.Count > 0 || HeadWidths.Count > 0;

    /// <summary>What differs in a network.</summary>
    public static SlicedShapes Of(Denoiser model)
    {
        using var shapeOnly = ModelFamily.ShapeOnly(model.Config);
        var configured = NormsOf(shapeOnly).ToDictionary(pair => pair.Name, pair => pair.Norm.num_groups);
        return new SlicedShapes(
            NormsOf(model).Where(pair => pair.Norm.num_groups != configured[pair.Name])
                .ToDictionary(pair => pair.Name, pair => pair.Norm.num_groups),
            model.named_modules().Where(pair => pair.module is AttentionLayer { HeadWidths: not null })
                .ToDictionary(pair => pair.name, pair => ((AttentionLayer)pair.module).HeadWidths!));
    }

    /// <summary>Reads the entry of a config; empty when there is none.</summary>
    public static SlicedShapes Of(ModelConfig config)
    {
        var node = config.Node(Key);
        try
        {
            return new SlicedShapes(
                Entries(node?["norm_groups"]).ToDictionary(pair => pair.Key, pair => pair.Value!.GetValue<long>()),
                Entries(node?["head_widths"]).ToDictionary(pair => pair.Key,
                    pair => (IReadOnlyList<long>)[.. pair.Value!.AsArray().Select(width => width!.GetValue<long>())]));
        }
        catch (Exception exception)
            when (exception is InvalidOperationException or FormatException or NullReferenceException)
        {
            throw new InvalidDataException($"{config.Source}: \"{Key}\" must hold norm_groups (module to number) "
                + "and head_widths (module to list); export the model again.", exception);
        }
    }

    /// <summary>The config entry.</summary>
    public JsonObject ToJson() => new()
    {
        ["norm_groups"] = new JsonObject(NormGroups.Select(pair => KeyValuePair.Create(
            pair.Key, (JsonNode?)JsonValue.Create(pair.Value)))),
        ["head_widths"] = new JsonObject(HeadWidths.Select(pair => KeyValuePair.Create(
            pair.Key, (JsonNode?)new JsonArray([.. pair.Value.Select(width => (JsonNode)width)])))),
    };

    /// <summary>Sets groups and head widths of a network.</summary>
    public void ApplyTo(Denoiser model)
    {
        var modules = model.named_modules().ToDictionary(pair => pair.name, pair => pair.module);
        foreach (var (name, groups) in NormGroups)
            Find<GroupNorm>(modules, name).num_groups = groups;
        foreach (var (name, widths) in HeadWidths)
            Find<AttentionLayer>(modules, name).HeadWidths = widths;
    }

    private static IEnumerable<(string Name, GroupNorm Norm)> NormsOf(Denoiser model) =>
        from pair in model.named_modules()
        where pair.module is GroupNorm
        select (pair.name, (GroupNorm)pair.module);

    private static JsonObject Entries(JsonNode? node) => node is null ? [] : node.AsObject();

    private static T Find<T>(Dictionary<string, TorchSharp.torch.nn.Module> modules, string name)
        where T : class => modules.GetValueOrDefault(name) as T ?? throw new InvalidDataException(
            $"config.json: \"{Key}\" names the module \"{name}\", which the network does not have.");
}
