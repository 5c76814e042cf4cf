using System.Text.Json;

namespace Mlops.Pruning.Search;

/// <summary>How the evolution proceeds.</summary>
/// <param name="Survivors">mu, kept from one generation to the next.</param>
/// <param name="Offspring">lambda, mutated copies of random survivors.</param>
/// <param name="Generations">Rounds of scoring, the initial population not counted.</param>
/// <param name="MaxMoves">Most level switches of one mutation.</param>
/// <param name="MaxLevels">Most levels of one switch.</param>
/// <param name="Patience">Ends the search after so many generations without a better best; 0 never does.</param>
public sealed record EvolutionSettings(
    int Survivors, int Offspring, int Generations, int MaxMoves, int MaxLevels, int Patience);

/// <summary>One scored generation.</summary>
/// <param name="Generation">0 is the initial population.</param>
/// <param name="Best">Highest fitness seen so far.</param>
/// <param name="Mean">Mean fitness of the generation's population.</param>
/// <param name="Evaluations">Distinct schedules scored so far.</param>
public sealed record GenerationRecord(int Generation, double Best, double Mean, int Evaluations);

/// <summary>
/// All of a search: no generator state is needed beside it, so a search resumed from its JSON ends with the same
/// result.
/// </summary>
/// <param name="Seed">Every draw derives from seed, generation and index.</param>
/// <param name="Generation">The generation that waits for its scores; 0 is the initial population.</param>
/// <param name="Population">The schedules of that generation, survivors first.</param>
/// <param name="Archive">Key of every scored schedule to its fitness; higher is better.</param>
/// <param name="Best">The best schedule ever scored; null before the first scores.</param>
/// <param name="Stale">Generations since the best improved.</param>
public sealed record SearchState(
    SearchSpace Space, EvolutionSettings Settings, long Seed, int Generation, IReadOnlyList<int[]> Population,
    IReadOnlyDictionary<string, double> Archive, int[]? Best, int Stale, IReadOnlyList<GenerationRecord> History)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Name of a schedule in the archive: <c>3-0-5</c>.</summary>
    public static string Key(IReadOnlyList<int> levels) => string.Join('-', levels);

    /// <summary>The state as JSON text; doubles survive the round trip exactly.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The text is no search state.</exception>
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
