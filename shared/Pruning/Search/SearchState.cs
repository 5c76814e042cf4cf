using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Pruning.Search;

/// <summary>How the evolution proceeds.</summary>
/// <param name="Survivors">mu, kept from one generation to the next.</param>
/// <param name="Offspring">lambda, mutated copies of random survivors.</param>
/// <param name="Generations">Generations of scoring, the initial population not counted.</param>
/// <param name="MaxMoves">Most level switches of one mutation.</param>
/// <param name="MaxLevels">Most levels of one switch.</param>
/// <param name="Patience">Ends the search after so many generations without a better best; 0 never does.</param>
/// <param name="Rounds">Probes of each round of a generation, ascending; a third of the offspring reaches the next
/// round, the survivors join the last. One round is Diff-ES, more are EvoPress's.</param>
public sealed record EvolutionSettings(
    int Survivors, int Offspring, int Generations, int MaxMoves, int MaxLevels, int Patience,
    IReadOnlyList<int> Rounds);

/// <summary>One scored generation.</summary>
/// <param name="Generation">0 is the initial population.</param>
/// <param name="Best">Highest fitness seen so far.</param>
/// <param name="Mean">Mean fitness of those that reached the last round.</param>
/// <param name="Evaluations">Scores so far: pairs of a schedule and a number of probes.</param>
public sealed record GenerationRecord(int Generation, double Best, double Mean, int Evaluations);

/// <summary>
/// All of a search: no generator state is needed beside it, so a search resumed from its JSON ends with the same
/// result.
/// </summary>
/// <param name="Seed">Every draw derives from seed, generation and index.</param>
/// <param name="Generation">The generation that waits for its scores; 0 is the initial population.</param>
/// <param name="Round">The round of that generation.</param>
/// <param name="Starts">What the search began from, then what else it is to be compared with.</param>
/// <param name="Survivors">What was kept, the best first; in generation 0 the starts.</param>
/// <param name="Contenders">The offspring that are still in the running.</param>
/// <param name="Archive">Key of every schedule and number of probes to its fitness; higher is better.</param>
/// <param name="Stale">Generations since the best improved.</param>
public sealed record SearchState(
    SearchSpace Space, EvolutionSettings Settings, long Seed, int Generation, int Round, IReadOnlyList<int[]> Starts,
    IReadOnlyList<int[]> Survivors, IReadOnlyList<int[]> Contenders, IReadOnlyDictionary<string, double> Archive,
    int Stale, IReadOnlyList<GenerationRecord> History)
{
    private const char Separator = '@';
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Per stage what its levels damage alone; empty if that was not measured.</summary>
    public IReadOnlyList<DamageCurve> Curves { get; init; } = [];

    /// <summary>The first so many probes judge the present round.</summary>
    [JsonIgnore]
    public int Probes => Settings.Rounds[Round];

    /// <summary>Whether the present round decides who survives.</summary>
    [JsonIgnore]
    public bool IsLastRound => Round == Settings.Rounds.Count - 1;

    /// <summary>Samples that all scores so far took.</summary>
    [JsonIgnore]
    public long Samples => Archive.Keys.Sum(key => long.Parse(key.AsSpan(key.IndexOf(Separator) + 1)));

    /// <summary>Schedules that have any score.</summary>
    [JsonIgnore]
    public IEnumerable<string> Scored => Archive.Keys.Select(key => key[..key.IndexOf(Separator)]);

    /// <summary>Name of a schedule: <c>3-0-5</c>.</summary>
    public static string Key(IReadOnlyList<int> levels) => string.Join('-', levels);

    /// <summary>Name of a score: <c>3-0-5@16</c>.</summary>
    public static string Key(IReadOnlyList<int> levels, int probes) => $"{Key(levels)}{Separator}{probes}";

    /// <summary>The fitness on all probes.</summary>
    public double Fitness(IReadOnlyList<int> levels) => Archive[Key(levels, Settings.Rounds[^1])];

    /// <summary>The state as JSON text; doubles survive the round trip exactly.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The text is not a search state.</exception>
    public static SearchState FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<SearchState>(json, Json)
                ?? throw new InvalidDataException("the search state is empty; delete the checkpoint to search anew");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                $"the search state is damaged at {exception.Path}; delete the checkpoint to search anew", exception);
        }
    }
}
