using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Pruning.Stages;

namespace Mlops.Pruning.Search;

/// <summary>One schedule with what it costs and what it is worth.</summary>
/// <param name="Levels">Skipped layers per stage, cleanest stage first.</param>
/// <param name="Fitness">Higher is better; comparable only within one search.</param>
/// <param name="KeptRatio">MACs left / dense MACs, averaged over the native timesteps.</param>
public sealed record ScoredSchedule(IReadOnlyList<int> Levels, double Fitness, double KeptRatio);

/// <summary>The outcome of a search; the content of <c>schedule.json</c>.</summary>
/// <param name="Format">Version of this layout.</param>
/// <param name="Orders">Per stage the names of the skippable layers in drop order: level L skips the first L.</param>
/// <param name="Budget">What was conserved: <c>macs</c> or <c>levels</c>.</param>
/// <param name="WantedRatio">The kept ratio that was asked for.</param>
/// <param name="LevelBudget">B, the sum of levels of the uniform schedule.</param>
/// <param name="Metric">The fitness: <c>latent_mse</c>, …</param>
/// <param name="Protocol">How the fitness was measured; numbers of unlike protocol do not compare.</param>
/// <param name="Uniform">The schedule with equal levels, for comparison.</param>
/// <param name="Evaluations">Distinct schedules that were scored.</param>
/// <param name="History">Best and mean fitness per generation.</param>
public sealed record SearchedSchedule(
    string Format, StageBounds Bounds, IReadOnlyList<IReadOnlyList<string>> Orders, string Budget, double WantedRatio,
    int LevelBudget, string Metric, string Protocol, ScoredSchedule Best, ScoredSchedule Uniform, int Evaluations,
    IReadOnlyList<GenerationRecord> History)
{
    /// <summary>The file's name in a schedule artifact.</summary>
    public const string FileName = "schedule.json";

    /// <summary>The layout that this program writes and reads.</summary>
    public const string CurrentFormat = "mlops.schedule/1";

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
    /// <exception cref="InvalidDataException">The file is no schedule of this format.</exception>
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
            throw new InvalidDataException($"'{path}' is no schedule: {exception.Message}", exception);
        }
    }
}
