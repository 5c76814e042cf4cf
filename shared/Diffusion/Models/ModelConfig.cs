using System.Text.Json;
using System.Text.Json.Nodes;
using Mlops.Diffusion.Weights;

namespace Mlops.Diffusion.Models;

/// <summary>A model's <c>config.json</c> as diffusers writes it; entries that we do not know are kept.</summary>
public sealed class ModelConfig
{
    private static readonly string[] Supported = ["UNet2DModel", "DiTTransformer2DModel", "Transformer2DModel"];

    /// <summary>The entry of a pruned model's config, and what its class name begins with.</summary>
    public const string PrunedKey = "pruned", PrunedPrefix = "Pruned";

    /// <summary>No width, count or side of a model is larger.</summary>
    public const long Largest = 1 << 20;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };
    private readonly JsonObject _values;
    private readonly string _source;

    private ModelConfig(JsonObject values, string source) => (_values, _source) = (values, source);

    /// <summary>The class names that can be built.</summary>
    public static IReadOnlyList<string> SupportedClasses => Supported;

    /// <summary>The network class that the file names.</summary>
    public string ClassName => Text("_class_name");

    /// <summary>Where the values came from, for messages.</summary>
    public string Source => _source;

    /// <summary>Reads a config file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no JSON object or names a class that is not built.</exception>
    public static ModelConfig Read(string path) => File.Exists(path)
        ? Parse(File.ReadAllText(path), path)
        : throw new FileNotFoundException($"{path} does not exist; a model folder needs its config.json.", path);

    /// <summary>Reads the config of a network that is no denoiser, such as one of transformers.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no JSON object.</exception>
    internal static ModelConfig ReadAny(string path) => File.Exists(path)
        ? new(ParseObject(File.ReadAllText(path), path), path)
        : throw new FileNotFoundException($"{path} does not exist; put it beside the weights.", path);

    /// <summary>Reads a config from JSON text.</summary>
    /// <param name="source">What to call it in messages.</param>
    public static ModelConfig Parse(string json, string source = "config.json")
    {
        var config = new ModelConfig(ParseObject(json, source), source);
        if (config.Has(PrunedKey) || config.ClassName.StartsWith(PrunedPrefix, StringComparison.Ordinal))
            throw new InvalidDataException($"{source} is of a model that is pruned already, whose plan would be lost "
                + "here; give the dense model that it was made from, or this one in the format 'native' or 'padded' if "
                + "that can hold its plan.");
        if (!Supported.Contains(config.ClassName))
            throw new InvalidDataException($"{source} names the class \"{config.ClassName}\", which is not built; "
                + $"supported are {string.Join(", ", Supported)}.");
        return config;
    }

    /// <summary>The entry of a pruned model's file, and what the dense model was; null for any other file.</summary>
    public static (JsonNode Entry, ModelConfig Dense)? PrunedEntry(string path)
    {
        if (!File.Exists(path))
            return null;
        var values = ParseObject(File.ReadAllText(path), path);
        if (values[PrunedKey] is not { } entry)
            return null;
        values.Remove(PrunedKey);
        var name = new ModelConfig(values, path).ClassName;
        values["_class_name"] = name.StartsWith(PrunedPrefix, StringComparison.Ordinal)
            ? name[PrunedPrefix.Length..]
            : throw new InvalidDataException($"{path} has the entry \"{PrunedKey}\" but names the class \"{name}\", "
                + $"which does not begin with {PrunedPrefix}; export the model again.");
        return (entry, Parse(values.ToJsonString(), path));
    }

    /// <summary>The config as indented JSON.</summary>
    public string ToJson() => _values.ToJsonString(Indented);

    /// <summary>Writes the config file, atomically.</summary>
    public void Write(string path) => AtomicFile.WriteText(path, ToJson());

    /// <summary>A copy with one entry set, or removed when the value is null.</summary>
    public ModelConfig With(string key, JsonNode? value)
    {
        var values = _values.DeepClone().AsObject();
        values.Remove(key);
        if (value is not null)
            values[key] = JsonNode.Parse(value.ToJsonString());     // numbers as in a file, whatever type they had
        return new ModelConfig(values, _source);
    }

    /// <summary>Whether an entry is there, even if it is null.</summary>
    public bool Has(string key) => _values.ContainsKey(key);

    /// <summary>A copy of one entry; null when absent or null.</summary>
    public JsonNode? Node(string key) => _values[key]?.DeepClone();

    /// <summary>An integer entry.</summary>
    public long Integer(string key, long fallback) => OptionalInteger(key) ?? fallback;

    /// <summary>An integer entry that may be null or absent.</summary>
    public long? OptionalInteger(string key) => Get(key) is not { } node ? null
        : Whole(node) ?? throw Wrong(key, "a whole number");

    /// <summary>Refuses integer entries that are there but not in 1 … <see cref="Largest"/>.</summary>
    public void Positive(params string[] keys)
    {
        foreach (var key in keys)
            if (OptionalInteger(key) is < 1 or > Largest)
                throw Wrong(key, $"positive and at most {Largest}");
    }

    /// <summary>A number entry.</summary>
    public double Number(string key, double fallback) => Get(key) is not { } node ? fallback
        : node.GetValueKind() == JsonValueKind.Number ? node.GetValue<double>() : throw Wrong(key, "a number");

    /// <summary>A yes-or-no entry.</summary>
    public bool Flag(string key, bool fallback) => Get(key) is not { } node ? fallback
        : node.GetValueKind() is JsonValueKind.True or JsonValueKind.False
            ? node.GetValue<bool>() : throw Wrong(key, "true or false");

    /// <summary>A text entry that must be there.</summary>
    public string Text(string key) => OptionalText(key) ?? throw Wrong(key, "given");

    /// <summary>A text entry that may be null or absent.</summary>
    public string? OptionalText(string key) => Get(key) is not { } node ? null
        : node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : throw Wrong(key, "text");

    /// <summary>A list of integers; one integer counts as a list of one.</summary>
    public IReadOnlyList<long> Integers(string key, params long[] fallback) => Get(key) switch
    {
        null => fallback,
        JsonArray array => [.. array.Select(item => Whole(item) ?? throw Wrong(key, "a list of whole numbers"))],
        _ => [OptionalInteger(key) ?? throw Wrong(key, "a list of whole numbers")],
    };

    /// <summary>A list of texts.</summary>
    public IReadOnlyList<string> Texts(string key, params string[] fallback) => Get(key) switch
    {
        null => fallback,
        JsonArray array => [.. array.Select(item => item?.GetValueKind() == JsonValueKind.String
            ? item.GetValue<string>() : throw Wrong(key, "a list of names"))],
        _ => throw Wrong(key, "a list of names"),
    };

    /// <summary>The exception for an entry whose value cannot be used.</summary>
    public InvalidDataException Wrong(string key, string expected) => new(
        $"{_source}: \"{key}\" is {_values[key]?.ToJsonString() ?? "missing"} but must be {expected}.");

    // Beyond 2^53 a double no longer counts in ones.
    private static long? Whole(JsonNode? node) => node is JsonValue value && value.TryGetValue<double>(out var number)
        && number == Math.Floor(number) && Math.Abs(number) < 1L << 53 ? (long)number : null;

    private JsonNode? Get(string key) => _values[key];

    private static JsonObject ParseObject(string json, string source)
    {
        try
        {
            return JsonNode.Parse(json, null, Strict) as JsonObject
                ?? throw new InvalidDataException($"{source} holds no JSON object; it should be a diffusers config.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                $"{source} is not valid JSON ({exception.Message.TrimEnd('.')}).", exception);
        }
    }
}
