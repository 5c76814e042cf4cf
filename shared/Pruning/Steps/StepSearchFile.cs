using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Pruning.Steps;

/// <summary>The content of <c>step_search.json</c>; the table itself is in the pruning plan.</summary>
/// <param name="Protocol">How losses were measured; numbers of unlike protocol do not compare.</param>
/// <param name="Method">The way the table was made.</param>
/// <param name="Chosen">Name of the candidate that was taken.</param>
/// <param name="Measured">Its relative squared error on fresh noises.</param>
/// <param name="Predicted">What the dynamic program predicted before the local search; null for other methods.</param>
/// <param name="Runs">Steps that call the whole network.</param>
/// <param name="DenseSteps">Those of the dense run.</param>
/// <param name="Evaluations">Samples that went through the network in the search; a pass back counts as two.</param>
/// <param name="Candidates">Measured error of all that it was chosen from.</param>
/// <param name="Front">Predicted error for every budget.</param>
public sealed record StepSearchFile(
    string Protocol, StepMethod Method, string Chosen, double Measured, double? Predicted, int Runs, int DenseSteps,
    long Evaluations, IReadOnlyDictionary<string, double> Candidates, IReadOnlyList<FrontPoint> Front)
{
    /// <summary>The file's name in a schedule artifact.</summary>
    public const string FileName = "step_search.json";

    /// <summary>Every solver that was tried, the one taken first; null where there was one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<SolverRecord>? Solvers { get; init; }

    /// <summary>Of the runs, those of a smaller network; null where there was only the whole one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? SmallerRuns { get; init; }

    /// <summary>Which solver, or which of the networks, was taken and what the others came to, in a sentence; null
    /// where there was no choice.</summary>
    [JsonIgnore]
    public string? Choice => Solvers?.ToArray() is [var first, .. var rest] ? OfSolvers(first, rest)
        : SmallerRuns is { } smaller ? OfNetworks(smaller)
        : null;

    private string OfSolvers(SolverRecord first, SolverRecord[] rest) => string.Create(
        CultureInfo.InvariantCulture,
        $"the solver search took {Text(first)}; the others, by times as far from the true trajectory: {
            string.Join("; ", rest.Select(other => $"{Text(other)}, {Times(other, first)} x"))}; all with {
            first.Calls} calls of the network, after {Evaluations} evaluations");

    private string OfNetworks(int smaller) => FormattableString.Invariant(
        $"the step table calls the smaller network {smaller} of {Runs} times: '{Chosen}' has the least error, ")
        + FormattableString.Invariant($"{Measured:0.0e+0}; the others: {string.Join(", ", Others())}; ")
        + "all on fresh noises";

    private IEnumerable<string> Others() => Candidates.Where(candidate => candidate.Key != Chosen)
        .Select(candidate => string.Create(
            CultureInfo.InvariantCulture, $"'{candidate.Key}' {candidate.Value:0.0e+0}"));

    private static string Text(SolverRecord solver) => string.Create(
        CultureInfo.InvariantCulture, $"{solver.Name} ({solver.OnProbes:0.0e+0}, fresh {solver.OnFresh:0.0e+0})");

    private static string Times(SolverRecord other, SolverRecord first) =>
        (first.OnFresh > 0 ? other.OnFresh / first.OnFresh : 1).ToString("0.0#", CultureInfo.InvariantCulture);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Writes <c>step_search.json</c> into a folder.</summary>
    public void Save(string folder) =>
        File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json));

    /// <summary>Reads the file of an artifact.</summary>
    /// <exception cref="InvalidDataException">It is not such a file.</exception>
    public static StepSearchFile Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            return JsonSerializer.Deserialize<StepSearchFile>(File.ReadAllText(path), Json)
                ?? throw new JsonException("it is null");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{path}' is no step search: {exception.Message}", exception);
        }
    }
}
