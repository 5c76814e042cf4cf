using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Pruning.Alter;

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

/// <summary>How the table was frozen at the end of ALTER's window.</summary>
/// <param name="Step">Last step of the window.</param>
/// <param name="KeptRatio">Kept ratio of the frozen table.</param>
/// <param name="Threshold">Smallest kept logit with offset, of the learned masks.</param>
/// <param name="Median">The threshold of a noise-free decision; a frozen one far above it means that the window
/// was too short for the budget.</param>
/// <param name="FlipRate">Share of mask entries in which two noisy draws differ.</param>
/// <param name="Rows">Number of distinct masks.</param>
/// <param name="RouteFlips">Share of timesteps whose expert differs between two noisy draws.</param>
/// <param name="GateFlips">Share of gates that differ between them.</param>
/// <param name="Coverage">Share of the timesteps of each expert.</param>
/// <param name="Segments">Intervals of the trajectory with one expert.</param>
/// <param name="Hamming">Share of layers in which two used masks differ, averaged over pairs.</param>
/// <param name="Learned">Distance of final samples to the teacher's under the learned masks; null where no others
/// were tried.</param>
/// <param name="Measured">The same under masks by the measured worth of gates; null where it was not measured.</param>
/// <param name="Start">The same under the schedule that was the start; null without one.</param>
/// <param name="Taken">The nearest of them: <c>learned</c>, <c>measured</c> or <c>start</c>.</param>
/// <param name="Undecided">Whether the learned masks were taken, and the draws differ so often that these are partly
/// chance.</param>
public sealed record FreezeRecord(
    int Step, double KeptRatio, double Threshold, double Median, double FlipRate, int Rows, double RouteFlips,
    double GateFlips, IReadOnlyList<double> Coverage, int Segments, double Hamming, string Taken, bool Undecided,
    double? Learned = null, double? Measured = null, double? Start = null)
{
    // Two draws that differ in more than one of twenty entries.
    private const double MostFlips = 0.05;

    /// <summary>What a frozen table is like, and how sure two noisy draws were of it.</summary>
    public static FreezeRecord Of(
        int step, FrozenMasks frozen, MaskChoice choice, double median, HardTable first, HardTable second)
    {
        var table = frozen.Table;
        var distinct = table.Route.Select(expert => string.Join(',', table.Experts[expert])).Distinct();
        var flips = first.FlipRate(second);
        return new(
            step, frozen.KeptRatio, frozen.Threshold, median, flips, distinct.Count(), first.RouteFlips(second),
            first.GateFlips(second), table.Coverage(), table.Segments(), table.Hamming(), choice.Taken,
            flips > MostFlips && choice.Taken == MaskChoice.OfNetwork, choice.Learned, choice.Measured, choice.Start);
    }
}

/// <summary>Which tables of masks stood to choose when they were frozen, and how far each is from the teacher.
/// </summary>
/// <param name="Table">The nearest.</param>
public sealed record MaskChoice(HardTable Table, string Taken, double? Learned, double? Measured, double? Start)
{
    /// <summary>Values of <see cref="Taken"/>.</summary>
    public const string OfNetwork = "learned", ByWorth = "measured", AsGiven = "start";
}

/// <summary>What was tuned against the dense weights under the schedule that it started from: distances of final
/// samples to the teacher's, on noises that nothing was learned from. The nearer is stored.</summary>
public sealed record TuningOutcome(double Tuned, double Start)
{
    /// <summary>Whether tuning made it worse.</summary>
    public bool TakesStart => !(Tuned <= Start);
}

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
