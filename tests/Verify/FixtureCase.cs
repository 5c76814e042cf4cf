using System.Text.Json;
using System.Text.Json.Nodes;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Weights;

namespace Mlops.Verify;

/// <summary>A folder with a recorded reference, and what its <c>case.json</c> says of it.</summary>
/// <param name="Name">The folder as seen from the folder that is verified.</param>
public sealed record FixtureCase(string Name, string Folder, JsonObject Facts)
{
    /// <summary>Reads a case.</summary>
    /// <exception cref="InvalidDataException">case.json is missing or no JSON object.</exception>
    public static FixtureCase Open(string name, string folder) => new(name, folder, ReadObject(
        System.IO.Path.Combine(folder, "case.json")));

    /// <summary>A file of the case.</summary>
    public string Path(string file) => System.IO.Path.Combine(Folder, file);

    /// <summary>Whether case.json has an entry.</summary>
    public bool Has(string fact) => Facts.ContainsKey(fact);

    /// <summary>A text of case.json.</summary>
    public string Text(string fact) => Facts[fact] is JsonValue value && value.TryGetValue<string>(out var text)
        ? text
        : throw new InvalidDataException($"{Path("case.json")} has no text \"{fact}\".");

    /// <summary>A number below case.json, by path.</summary>
    public double Number(params string[] path)
    {
        JsonNode? node = Facts;
        foreach (var step in path)
            node = (node as JsonObject)?[step];
        return node is JsonValue value && value.TryGetValue<double>(out var number)
            ? number
            : throw new InvalidDataException($"{Path("case.json")} has no number \"{string.Join('.', path)}\".");
    }

    /// <summary>The folder of the model that the case refers to:
    /// <c>models/NAME</c> beside one of its parents.</summary>
    public string ModelFolder()
    {
        var model = Text("model");
        for (var parent = new DirectoryInfo(Folder).Parent; parent is not null; parent = parent.Parent)
            if (System.IO.Path.Combine(parent.FullName, "models", model) is var found && Directory.Exists(found))
                return found;
        throw new DirectoryNotFoundException(
            $"{Folder} needs the model folder models/{model} beside one of its parents, but there is none.");
    }

    /// <summary>Opens a safetensors file of the case.</summary>
    public SafetensorsFile Tensors(string file) => SafetensorsFile.Open(Path(file));

    /// <summary>Why the network in a folder is not built; null if it is.</summary>
    public static string? NotBuilt(string modelFolder)
    {
        var config = ReadObject(System.IO.Path.Combine(modelFolder, "config.json"));
        var name = config["_class_name"]?.ToString();
        if (name is null || !ModelConfig.SupportedClasses.Contains(name))
            return $"{name ?? "a network without class name"} is not built";
        // The hub keeps this class name for several networks; the norm tells them apart.
        var norm = config["norm_type"]?.ToString();
        return name == "Transformer2DModel" && norm != "ada_norm_zero" ? $"{name} with {norm} is not built" : null;
    }

    internal static JsonObject ReadObject(string path)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) as JsonObject
                ?? throw new InvalidDataException($"{path} holds no JSON object.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path} is not valid JSON ({exception.Message.TrimEnd('.')}).", exception);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidDataException($"{path} is missing.", exception);
        }
    }
}
