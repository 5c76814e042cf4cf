using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Contracts.Evaluations;

/// <summary>All that an evaluation measured; the content of <c>evaluation.json</c>.</summary>
/// <param name="Format">Version of this layout.</param>
/// <param name="Seed">Every noise of the evaluation derives from it.</param>
/// <param name="Method">The method that pruned, as the plan names it.</param>
/// <param name="Verdict">Whether the model may be used in place of the dense one.</param>
/// <param name="Measurements">The numbers, in the order of the report's table.</param>
/// <param name="Charts">Loss and fitness curves of the jobs that led here.</param>
/// <param name="Lineage">Role to digest of the artifacts that were measured, and of those they were made from.</param>
/// <param name="Notes">What a reader should know before trusting the numbers; null for none.</param>
public sealed record EvaluationReport(
    string Format, long Seed, string Method, Verdict Verdict,
    IReadOnlyList<Measurement> Measurements, ScheduleMap Schedule, IReadOnlyList<Chart> Charts,
    IReadOnlyDictionary<string, string> Lineage, IReadOnlyList<string>? Notes = null)
{
    /// <summary>The file's name in an evaluation artifact.</summary>
    public const string FileName = "evaluation.json";

    /// <summary>The layout that this program writes and reads.</summary>
    public const string CurrentFormat = "mlops.evaluation/1";

    // A model compared with itself has an infinite peak signal-to-noise ratio.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The measurements that a short table shows: without their parts, as <c>loss.band0</c>.</summary>
    [JsonIgnore]
    public IEnumerable<Measurement> Main => Measurements.Where(each => !each.Name.Contains('.'));

    /// <summary>The measurement of a name; null if it was not measured.</summary>
    public Measurement? Find(string name) => Measurements.FirstOrDefault(each => each.Name == name);

    /// <summary>The measurement of a name.</summary>
    /// <exception cref="InvalidDataException">It was not measured.</exception>
    public Measurement this[string name] => Find(name)
        ?? throw new InvalidDataException($"the evaluation has no measurement '{name}'");

    /// <summary>Writes <c>evaluation.json</c> into a folder.</summary>
    public void Save(string folder) =>
        File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json));

    /// <summary>Reads the report of an evaluation artifact.</summary>
    /// <exception cref="FileNotFoundException">The folder holds none.</exception>
    /// <exception cref="InvalidDataException">The file is not an evaluation of this format.</exception>
    public static EvaluationReport Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new FileNotFoundException($"the artifact has no {FileName}", path);
        return Parse(File.ReadAllText(path), path);
    }

    /// <summary>Reads a report; <paramref name="source"/> names it in messages.</summary>
    /// <exception cref="InvalidDataException">The text is not an evaluation of this format.</exception>
    public static EvaluationReport Parse(string json, string source)
    {
        try
        {
            var report = JsonSerializer.Deserialize<EvaluationReport>(json, Json);
            return report?.Format == CurrentFormat
                ? report
                : throw new InvalidDataException(
                    $"'{source}' has format '{report?.Format}'; this program reads '{CurrentFormat}'");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{source}' is not an evaluation: {exception.Message}", exception);
        }
    }
}

/// <summary>One number of the dense and of the pruned model, measured in the same way.</summary>
/// <param name="Group">Heading in the report: size, speed, memory, pairs, loss, distribution.</param>
/// <param name="Name">Unique name: <c>macs</c>, <c>ssim</c>, <c>loss.band0</c>.</param>
/// <param name="Protocol">How it was measured; numbers of unlike protocol do not compare.</param>
/// <param name="Better">Which way is better.</param>
/// <param name="Dense">The dense model's value; null where the number compares the two models.</param>
/// <param name="Pruned">The pruned model's value, or the comparison.</param>
/// <param name="Low">Lower end of the pruned value's interval: 95 % bootstrap, or quartile of the times.</param>
/// <param name="High">Upper end of that interval.</param>
public sealed record Measurement(
    string Group, string Name, string Unit, string Protocol, Better Better, double? Dense, double Pruned,
    double? Low = null, double? High = null)
{
    /// <summary>Name and unit.</summary>
    [JsonIgnore]
    public string Label => Unit.Length == 0 ? Name : $"{Name} ({Unit})";

    /// <summary>Pruned / dense; null without a dense value, or where a sign makes it meaningless (KID).</summary>
    [JsonIgnore]
    public double? Ratio => Dense is { } dense and > 0 && Pruned >= 0 ? Pruned / dense : null;
}

/// <summary>Which way a number improves.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Better>))]
public enum Better
{
    Lower,
    Higher,
}

/// <summary>The gate: passed if every check is.</summary>
public sealed record Verdict(IReadOnlyList<Check> Checks)
{
    /// <summary>Whether all checks passed.</summary>
    public bool Passed => Checks.All(check => check.Passed);
}

/// <summary>One condition of the gate.</summary>
/// <param name="Name">The measurement it looks at.</param>
/// <param name="Sentence">What was wanted and what was found.</param>
public sealed record Check(string Name, bool Passed, string Sentence)
{
    /// <summary>The outcome in a word.</summary>
    [JsonIgnore]
    public string Outcome => Passed ? "pass" : "FAIL";
}

/// <summary>Which layers run at which timesteps.</summary>
/// <param name="Timesteps">Native training timesteps.</param>
/// <param name="Layers">Names of the gateable layers, in execution order.</param>
/// <param name="Parts">Consecutive timesteps that share a sub-network, ascending from the clean end.</param>
/// <param name="KeptChannels">Root module of a sliced channel group to the number of channels left; empty where that
/// changes with the timestep.</param>
/// <param name="Steps">What each sampler step does, in words; null where all of them call the network.</param>
public sealed record ScheduleMap(
    int Timesteps, IReadOnlyList<string> Layers, IReadOnlyList<SchedulePart> Parts,
    IReadOnlyDictionary<string, int> KeptChannels, IReadOnlyList<string>? Steps = null);

/// <summary>A run of timesteps and the layers that are not called there.</summary>
/// <param name="Kept">Layer to the share of its MACs that is left, where channels change with the timestep.</param>
public sealed record SchedulePart(
    int First, int Length, IReadOnlyList<string> Skip, IReadOnlyDictionary<string, double>? Kept = null);

/// <summary>A line chart.</summary>
public sealed record Chart(string Title, string XLabel, string YLabel, IReadOnlyList<Series> Series);

/// <summary>One line of a chart; x ascends.</summary>
public sealed record Series(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y);
