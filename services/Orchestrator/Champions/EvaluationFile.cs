using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Mlops.Orchestrator.Champions;

/// <summary>What the rules of the champion need of an <c>evaluation.json</c>.</summary>
/// <param name="Format">Version of the layout.</param>
/// <param name="Lineage">Role to digest of what was measured.</param>
internal sealed record EvaluationFile(
    string Format, Gate Verdict, IReadOnlyList<Number> Measurements, IReadOnlyDictionary<string, string> Lineage)
{
    private const string FileName = "evaluation.json", KnownFormat = "mlops.evaluation/1";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads the one of an evaluation artifact.</summary>
    /// <exception cref="InvalidDataException">There is none, or it is of another format.</exception>
    public static EvaluationFile Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new InvalidDataException($"the artifact has no {FileName}");
        try
        {
            var read = JsonSerializer.Deserialize<EvaluationFile>(File.ReadAllText(path), Json);
            return read?.Format == KnownFormat
                ? read
                : throw new InvalidDataException(
                    $"{FileName} has format '{read?.Format}'; this program reads '{KnownFormat}'");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{FileName} is no evaluation: {exception.Message}", exception);
        }
    }

    /// <summary>The measurement of a name; null if it was not measured.</summary>
    public Number? Find(string name) => Measurements.FirstOrDefault(each => each.Name == name);
}

/// <summary>The gate of an evaluation.</summary>
internal sealed record Gate(IReadOnlyList<GateCheck> Checks);

/// <summary>One condition of the gate.</summary>
internal sealed record GateCheck(string Name, bool Passed, string Sentence);

/// <summary>One number, relative to the dense model where that was measured too.</summary>
internal sealed partial record Number(
    string Name, string Protocol, string Better, double? Dense, double Pruned, double? Low = null, double? High = null)
{
    /// <summary>The value that is compared: both runs measured the dense model under their own conditions.</summary>
    [JsonIgnore]
    public double Value => Relative(Pruned);

    /// <summary>The lower end of its interval, or the value itself.</summary>
    [JsonIgnore]
    public double Least => Relative(Low ?? Pruned);

    /// <summary>The upper end of its interval, or the value itself.</summary>
    [JsonIgnore]
    public double Most => Relative(High ?? Pruned);

    /// <summary>How it was measured; the seed is another in every run and changes nothing about that.</summary>
    [JsonIgnore]
    public string Method => Seed().Replace(Protocol, "");

    /// <summary>Whether even the worst that this may be is better than the best that the other may be.</summary>
    public bool IsBetterThan(Number other) => Better == "Higher" ? Least > other.Most : Most < other.Least;

    private double Relative(double value) => Dense is { } dense and > 0 ? value / dense : value;

    [GeneratedRegex(@" ?\bseed-?\d+")]
    private static partial Regex Seed();
}
