using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;

namespace Mlops.Verify;

/// <summary>A table of well-known configurations with their sizes; they are counted without weights.</summary>
internal static partial class CountTable
{
    /// <summary>The file that holds such a table.</summary>
    public const string FileName = "real-configurations.json";

    /// <summary>One result per entry.</summary>
    public static IEnumerable<CaseResult> Verify(string path, string folderName)
    {
        JsonArray entries;
        string? broken = null;
        try
        {
            entries = JsonNode.Parse(File.ReadAllText(path)) as JsonArray ?? throw new JsonException("no list");
        }
        catch (JsonException exception)
        {
            (entries, broken) = ([], $"{path} is no list of configurations ({exception.Message.TrimEnd('.')}).");
        }
        if (broken is not null)
            yield return CaseResult.Broken($"{folderName}/{FileName}", broken);
        foreach (var entry in entries)
            yield return VerifyEntry(entry!, folderName);
    }

    private static CaseResult VerifyEntry(JsonNode entry, string folderName)
    {
        var name = $"{folderName}/unnamed";
        // The boundary of an entry, as for a case folder.
        try
        {
            name = $"{folderName}/{Separators().Replace((string)entry["name"]!, "-").Trim('-')}";
            var className = (string)entry["class"]!;
            if (!ModelConfig.SupportedClasses.Contains(className))
                return CaseResult.Skipped(name, $"{className} is not built");
            var values = entry["config"]!.DeepClone().AsObject();
            values["_class_name"] = className;
            using var model = ModelFamily.ShapeOnly(ModelConfig.Parse(values.ToJsonString(), name));
            return CaseResult.From(name, [.. ModelCheck.Totals(MacCounter.Count(model), entry)]);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return CaseResult.Broken(name, exception.Message.ReplaceLineEndings(" "));
        }
    }

    [GeneratedRegex("[^A-Za-z0-9._/]+")]
    private static partial Regex Separators();
}
