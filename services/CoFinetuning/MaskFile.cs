using System.Text.Json;
using Mlops.Pruning.Alter;

namespace Mlops.CoFinetuning;

/// <summary>The current hard table inside a checkpoint, <c>masks.json</c>.</summary>
internal static class MaskFile
{
    private const string FileName = "masks.json";

    private sealed record Contents(bool[][] Experts, int[] Route);

    /// <summary>Writes the table.</summary>
    public static void Save(HardTable table, string folder) => File.WriteAllText(
        Path.Combine(folder, FileName), JsonSerializer.Serialize(new Contents([.. table.Experts], [.. table.Route])));

    /// <summary>Reads it back.</summary>
    public static HardTable Load(string folder)
    {
        var read = JsonSerializer.Deserialize<Contents>(File.ReadAllText(Path.Combine(folder, FileName)))
            ?? throw new InvalidDataException($"'{folder}' holds an empty {FileName}; delete the checkpoint");
        return new HardTable(read.Experts, read.Route);
    }
}
