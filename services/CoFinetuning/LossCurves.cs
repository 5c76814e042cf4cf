using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.CoFinetuning;

/// <summary>What one step of the loop cost and kept; what was off is null.</summary>
/// <param name="Step">1 for the first.</param>
/// <param name="Loss">The backbone's weighted loss.</param>
/// <param name="Kept">Kept ratio of the current hard table, of the whole model's MACs.</param>
/// <param name="Soft">The same of the hypernetwork's soft masks.</param>
/// <param name="Performance">L_perf: the backbone's loss under the soft masks.</param>
/// <param name="Ratio">L_ratio.</param>
/// <param name="Balance">L_balance.</param>
public sealed record LossRow(
    int Step, double Loss, double Kept, double? Soft = null, double? Performance = null, double? Ratio = null,
    double? Balance = null);

/// <summary>The loss curves of a job, <c>history.json</c>.</summary>
public sealed class LossCurves
{
    /// <summary>The file's name in the artifact.</summary>
    public const string FileName = "history.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // A window that kept nothing has an infinite threshold.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>One row per step, in order.</summary>
    public List<LossRow> Rows { get; init; } = [];

    /// <summary>Set once ALTER's window has closed.</summary>
    public FreezeRecord? Frozen { get; set; }

    /// <summary>Set at the end of a training that had a schedule to start from.</summary>
    public TuningOutcome? Outcome { get; set; }

    /// <summary>How each phase of progressive pruning began; empty in other modes.</summary>
    public List<PhaseRecord> Phases { get; init; } = [];

    /// <summary>Writes the file, a step per line so that it can be read and compared.</summary>
    public void Save(string folder)
    {
        var phases = Phases.Count == 0 ? "" : $"  \"phases\": [\n    {Lines(Phases)}\n  ],\n";
        File.WriteAllText(Path.Combine(folder, FileName),
            $"{{\n  \"frozen\": {JsonSerializer.Serialize(Frozen, Json)},\n"
            + $"  \"outcome\": {JsonSerializer.Serialize(Outcome, Json)},\n{phases}"
            + $"  \"rows\": [\n    {Lines(Rows)}\n  ]\n}}\n");

        static string Lines<T>(IEnumerable<T> rows) =>
            string.Join(",\n    ", rows.Select(row => JsonSerializer.Serialize(row, Json)));
    }

    /// <summary>Reads the file of a folder.</summary>
    /// <exception cref="InvalidDataException">The file is not a history.</exception>
    public static LossCurves Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            return JsonSerializer.Deserialize<LossCurves>(File.ReadAllText(path), Json)
                ?? throw new InvalidDataException($"'{path}' holds no training history but null");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{path}' is not a training history: {exception.Message}", exception);
        }
    }
}
