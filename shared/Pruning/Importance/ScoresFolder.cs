using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Diffusion;
using Mlops.Diffusion.Weights;
using Mlops.Pruning.Stages;
using static TorchSharp.torch;

namespace Mlops.Pruning.Importance;

/// <summary>
/// The scores artifact: <c>scores.json</c>, a table to read, and <c>scores.safetensors</c> with every value and, for
/// gradient criteria, the summed gradients, so that pruning can score again after every cut; for OBS, the Hessians of
/// each stage.
/// </summary>
public static class ScoresFolder
{
    /// <summary>The table's name.</summary>
    public const string TableFile = "scores.json";

    /// <summary>The tensors' name.</summary>
    public const string TensorFile = "scores.safetensors";

    private const string Format = "mlops.scores/1";
    private const string ScorePrefix = "score.";
    private const string GradientPrefix = "gradient.";
    private const string HessianPrefix = "hessian.";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        WriteIndented = true,
    };

    /// <summary>Writes both files.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="gradients">Summed gradients by parameter name; null when the criterion has none.</param>
    /// <param name="hessians">Damped Hessians of every stage by module; null when the criterion has none.</param>
    public static void Save(
        ImportanceScores scores, string folder, IReadOnlyDictionary<string, Tensor>? gradients = null,
        IReadOnlyList<IReadOnlyDictionary<string, Tensor>>? hessians = null)
    {
        using var scope = NewDisposeScope();
        var tensors = scores.Structures.Select(structure => KeyValuePair.Create(
            ScorePrefix + structure.Name,
            tensor(structure.PerStage.SelectMany(units => units).ToArray(),
                [scores.Stages.Count, Units(structure)], device: CPU)));
        SafetensorsWriter.Write(
            Path.Combine(folder, TensorFile),
            [
                .. tensors, .. Named(GradientPrefix, gradients),
                .. (hessians ?? []).SelectMany((ofStage, stage) => Named(PrefixOf(stage), ofStage)),
            ]);
        var table = new TableJson(
            Format, scores.Method, scores.Target.ToString().ToLowerInvariant(), scores.Stages.Timesteps,
            [.. scores.Stages.Starts.Select((start, stage) => new[] { start, scores.Stages.End(stage) - 1 })],
            [.. scores.Structures.Select(structure => new RowJson(
                structure.Name, Units(structure), [.. structure.PerStage.Select(units => units.Average())]))])
        {
            Walked = scores.Walked,
        };
        File.WriteAllText(Path.Combine(folder, TableFile), JsonSerializer.Serialize(table, Json));
    }

    /// <summary>Reads the scores of a folder; gradients stay in the file.</summary>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is damaged or the two do not belong together.</exception>
    public static ImportanceScores Load(string folder)
    {
        var path = Path.Combine(folder, TableFile);
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{path}' is missing; name the folder of a scores artifact", path);

        var table = Parse(path);
        var target = Enum.TryParse<ScoreTarget>(table.Target, ignoreCase: true, out var read)
            ? read
            : throw new InvalidDataException($"'{path}' has target '{table.Target}'; it must be layers or channels");
        using var tensors = SafetensorsFile.Open(Path.Combine(folder, TensorFile));
        var stages = new StageBounds([.. table.Stages.Select(stage => stage[0])], table.Timesteps);
        return new ImportanceScores(
            table.Method, target, stages, [.. table.Table.Select(row => Structure(row, stages.Count, tensors))])
        {
            Walked = table.Walked,
        };
    }

    /// <summary>The summed gradients by parameter name, owned by the caller; empty when there are none.</summary>
    public static Dictionary<string, Tensor> Gradients(string folder) => Read(folder, GradientPrefix);

    /// <summary>The damped Hessians of a stage by module, owned by the caller; empty when there are none.</summary>
    public static Dictionary<string, Tensor> Hessians(string folder, int stage) => Read(folder, PrefixOf(stage));

    private static string PrefixOf(int stage) => $"{HessianPrefix}{stage}.";

    private static IEnumerable<KeyValuePair<string, Tensor>> Named(
        string prefix, IReadOnlyDictionary<string, Tensor>? tensors) =>
        (tensors ?? new Dictionary<string, Tensor>()).Select(entry =>
            KeyValuePair.Create(prefix + entry.Key, entry.Value));

    private static Dictionary<string, Tensor> Read(string folder, string prefix)
    {
        using var tensors = SafetensorsFile.Open(Path.Combine(folder, TensorFile));
        return tensors.Header.Tensors.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .ToDictionary(name => name[prefix.Length..], name => tensors.Read(name).DetachFromDisposeScope());
    }

    private static TableJson Parse(string path)
    {
        try
        {
            var table = JsonSerializer.Deserialize<TableJson>(File.ReadAllText(path), Json);
            return table?.Format == Format && table.Stages.All(stage => stage is { Length: 2 })
                ? table
                : throw new InvalidDataException($"'{path}' is not a scores table of format '{Format}'; score again");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{path}' is not a scores table: {exception.Message}", exception);
        }
    }

    private static StructureScores Structure(RowJson row, int stages, SafetensorsFile tensors)
    {
        using var scope = NewDisposeScope();
        var values = tensors.Read(ScorePrefix + row.Name);
        if (!values.shape.SequenceEqual([stages, row.Units]))
            throw new InvalidDataException(
                $"'{tensors.Path}' has '{ScorePrefix + row.Name}' of shape [{string.Join(", ", values.shape)}] where "
                + $"the table says [{stages}, {row.Units}]; score again");

        return new StructureScores(
            row.Name, [.. values.Doubles().Chunk((int)row.Units)]);
    }

    private static long Units(StructureScores structure) => structure.PerStage[0].Length;

    private sealed record TableJson(
        string Format, string Method, string Target, int Timesteps, int[][] Stages, RowJson[] Table)
    {
        /// <summary>Per stage the first and last timestep whose gradients were added.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<int[]>? Walked { get; init; }
    }

    /// <summary>One structure: how many units it has and their mean score in each stage.</summary>
    private sealed record RowJson(string Name, long Units, double[] MeanPerStage);
}
