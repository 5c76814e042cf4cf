using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Pruning.Stages;

namespace Mlops.Pruning.Search;

/// <summary>One schedule with what it costs and what it is worth.</summary>
/// <param name="Levels">One per stage, cleanest stage first.</param>
/// <param name="Fitness">On the noises of the search; higher is better, comparable only within one search.</param>
/// <param name="FreshFitness">On noises that the search did not see; null if there were none.</param>
/// <param name="KeptRatio">MACs left / dense MACs of a whole image with the search's sampler.</param>
public sealed record ScoredSchedule(
    IReadOnlyList<int> Levels, double Fitness, double? FreshFitness, double KeptRatio);

/// <summary>The damage of single levels of one stage while all others are whole.</summary>
/// <param name="Levels">The measured levels.</param>
/// <param name="Damages">Fitness of the dense model less that of the level.</param>
public sealed record DamageCurve(IReadOnlyList<int> Levels, IReadOnlyList<double> Damages);

/// <summary>The outcome of a search; the content of <c>schedule.json</c>.</summary>
/// <param name="Format">Version of this layout.</param>
/// <param name="StageSteps">Sampler steps of each stage.</param>
/// <param name="Budget">What a level is: <c>macs</c>, a quantum of MACs, or <c>levels</c>, one layer more.</param>
/// <param name="Quantum">Share of the dense MACs; null where a level is a layer.</param>
/// <param name="WantedRatio">The kept ratio that was asked for.</param>
/// <param name="LevelBudget">B, the sum of levels; quanta weigh as many steps as their stage has, without common
/// factors.</param>
/// <param name="Metric">The fitness: <c>latent_mse</c>, …</param>
/// <param name="Protocol">How the fitness was measured; numbers of unlike protocol do not compare.</param>
/// <param name="Uniform">The schedule with equal levels, for comparison; null if the search began from another.
/// </param>
/// <param name="Separable">The exact optimum if damages of stages added; null if they were not measured.</param>
/// <param name="NetworkEvaluations">Forward passes of one sample that the search took, the dense ones included; with
/// guidance two at every step.</param>
/// <param name="Curves">Per stage what was measured; empty if nothing was.</param>
/// <param name="History">Best and mean fitness per generation.</param>
public sealed record SearchedSchedule(
    string Format, StageBounds Bounds, IReadOnlyList<int> StageSteps, string Budget, double? Quantum,
    double WantedRatio, int LevelBudget, string Metric, string Protocol, ScoredSchedule Best, ScoredSchedule? Uniform,
    ScoredSchedule? Separable, long NetworkEvaluations, IReadOnlyList<DamageCurve> Curves,
    IReadOnlyList<GenerationRecord> History)
{
    /// <summary>The file's name in a schedule artifact.</summary>
    public const string FileName = "schedule.json";

    /// <summary>The layout that this program writes and reads.</summary>
    public const string CurrentFormat = "mlops.schedule/2";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Writes <c>schedule.json</c> into a folder.</summary>
    public void Save(string folder) =>
        File.WriteAllText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json));

    /// <summary>Reads the schedule of an artifact.</summary>
    /// <exception cref="FileNotFoundException">The folder holds none.</exception>
    /// <exception cref="InvalidDataException">The file is not a schedule of this format.</exception>
    public static SearchedSchedule Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{path}' is missing; name the folder of a schedule artifact", path);
        try
        {
            var schedule = JsonSerializer.Deserialize<SearchedSchedule>(File.ReadAllText(path), Json);
            return schedule?.Format == CurrentFormat
                ? schedule
                : throw new InvalidDataException(
                    $"'{path}' has format '{schedule?.Format}'; this program reads '{CurrentFormat}'");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{path}' is not a schedule: {exception.Message}", exception);
        }
    }
}
