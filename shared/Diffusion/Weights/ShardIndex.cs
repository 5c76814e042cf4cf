using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mlops.Diffusion.Weights;

/// <summary>The <c>*.safetensors.index.json</c> that says which shard holds which tensor.</summary>
/// <param name="TotalBytes">Bytes of all tensors together.</param>
/// <param name="Files">Tensor name to the shard's file name, which lies beside the index.</param>
public sealed record ShardIndex(long TotalBytes, IReadOnlyDictionary<string, string> Files)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads an index file.</summary>
    /// <exception cref="InvalidDataException">It is malformed or names files outside its folder.</exception>
    public static ShardIndex Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path} does not exist; give the path of an index.json file.", path);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), Strict);
            var root = document.RootElement;
            var files = root.GetProperty("weight_map").EnumerateObject()
                .ToDictionary(entry => entry.Name, entry => ShardName(entry.Value.GetString(), path));
            var total = root.TryGetProperty("metadata", out var metadata)
                && metadata.TryGetProperty("total_size", out var size) ? size.GetInt64() : 0;
            return new ShardIndex(total, files);
        }
        catch (Exception exception)
            when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException(
                $"{path} is no shard index: it needs a \"weight_map\" from tensor names to file names "
                + $"({exception.Message.TrimEnd('.')}).", exception);
        }
    }

    /// <summary>The index as JSON text.</summary>
    public string ToJson()
    {
        var map = new JsonObject();
        foreach (var (name, file) in Files.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            map[name] = file;
        return new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = TotalBytes }, ["weight_map"] = map }
            .ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    private static string ShardName(string? name, string index) =>
        !string.IsNullOrEmpty(name) && Path.GetFileName(name) == name && name.EndsWith(".safetensors")
            ? name
            : throw new InvalidDataException(
                $"{index} names the shard \"{name}\"; shards are .safetensors files beside their index.");
}
