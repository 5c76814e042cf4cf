namespace Mlops.Pruning.Search;

/// <summary>
/// Diff-ES's search (arXiv 2603.05105) as pure functions: elitist (mu + lambda) selection over cached scores, level
/// switches as the only variation, no crossover. With several rounds a generation is EvoPress's tournament (arXiv
/// 2410.14649): many offspring on few probes, the best of them on more, survivors and finalists on all. Scoring happens
/// outside, so the candidates of a round can be spread over any number of machines.
/// </summary>
public static class EvolutionarySearch
{
    // A mutation that lands on a known schedule teaches nothing; small spaces run out of unknown ones.
    private const int TriesPerOffspring = 16;

    // Of each round's contenders one in so many reaches the next.
    private const int Selection = 3;

    /// <summary>The initial population, not yet scored: the starts, then shapes and random schedules.</summary>
    /// <param name="starts">The first is the one to beat; all of them reach the last round.</param>
    /// <param name="hybrid">Whether shapes and random schedules join the starts.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public static SearchState Start(
        SearchSpace space, EvolutionSettings settings, long seed, IReadOnlyList<int[]> starts, bool hybrid = true)
    {
        Require(settings.Survivors >= 1, nameof(settings.Survivors), settings.Survivors);
        Require(settings.Offspring >= 1, nameof(settings.Offspring), settings.Offspring);
        Require(settings.MaxMoves >= 1, nameof(settings.MaxMoves), settings.MaxMoves);
        Require(settings.MaxLevels >= 1, nameof(settings.MaxLevels), settings.MaxLevels);
        Require(settings.Rounds.Count >= 1, nameof(settings.Rounds), settings.Rounds.Count);
        int[][] distinct = [.. starts.DistinctBy(SearchState.Key)];
        var population = InitialPopulation.Create(
            space, hybrid ? Math.Max(distinct.Length, settings.Survivors + settings.Offspring) : distinct.Length, seed,
            distinct);
        int[][] contenders = [.. population.Skip(distinct.Length)];
        return new(space, settings, seed, 0, FirstRound(settings, contenders), starts, distinct, contenders,
            new SortedDictionary<string, double>(StringComparer.Ordinal), 0, []);
    }

    /// <summary>The distinct schedules that need a score on <see cref="SearchState.Probes"/> before
    /// <see cref="Next"/>.</summary>
    public static IReadOnlyList<int[]> Pending(SearchState state) => IsFinished(state)
        ? []
        : [.. Judged(state).Where(levels => !state.Archive.ContainsKey(SearchState.Key(levels, state.Probes)))
            .DistinctBy(SearchState.Key)];

    /// <summary>Whether the last generation is scored, or patience ended.</summary>
    public static bool IsFinished(SearchState state) =>
        state.Generation > state.Settings.Generations
        || (state.Settings.Patience > 0 && state.Stale >= state.Settings.Patience);

    /// <summary>The best fitness so far; needs a scored generation.</summary>
    public static double BestFitness(SearchState state) => state.Generation > 0
        ? state.Fitness(state.Survivors[0])
        : throw new InvalidOperationException("nothing is scored yet");

    /// <summary>Takes in the scores of a round; after the last one keeps the survivors and breeds the next generation.
    /// </summary>
    /// <param name="state">A state whose round waits for scores.</param>
    /// <param name="scores">Key to fitness of at least the pending schedules; higher is better.</param>
    /// <exception cref="InvalidDataException">A pending schedule has no finite score.</exception>
    public static SearchState Next(SearchState state, IReadOnlyDictionary<string, double> scores)
    {
        if (IsFinished(state))
            return state;
        var archive = new SortedDictionary<string, double>(state.Archive.ToDictionary(), StringComparer.Ordinal);
        foreach (var levels in Pending(state))
            archive[SearchState.Key(levels, state.Probes)] =
                scores.TryGetValue(SearchState.Key(levels), out var fitness) && double.IsFinite(fitness)
                    ? fitness
                    : throw new InvalidDataException($"schedule {SearchState.Key(levels)} has no finite fitness");

        double Fitness(int[] levels) => archive[SearchState.Key(levels, state.Probes)];
        List<int[]> ranked = [.. Judged(state).OrderByDescending(Fitness).DistinctBy(SearchState.Key)];
        if (!state.IsLastRound)
            return state with
            {
                Round = state.Round + 1,
                Contenders = [.. ranked.Take((ranked.Count + Selection - 1) / Selection)],
                Archive = archive,
            };
        var improved = state.Generation == 0 || Fitness(ranked[0]) > Fitness(state.Survivors[0]);
        int[][] survivors = [.. ranked.Take(state.Settings.Survivors)];
        var bred = Breed(state with { Survivors = survivors, Archive = archive });
        return state with
        {
            Generation = state.Generation + 1,
            Round = FirstRound(state.Settings, bred),
            Survivors = survivors,
            Contenders = bred,
            Archive = archive,
            Stale = improved ? 0 : state.Stale + 1,
            History =
            [
                .. state.History, new(state.Generation, Fitness(ranked[0]), ranked.Average(Fitness), archive.Count),
            ],
        };
    }

    private static IEnumerable<int[]> Judged(SearchState state) =>
        state.IsLastRound ? state.Survivors.Concat(state.Contenders) : state.Contenders;

    // Where nobody contends there is nothing to screen.
    private static int FirstRound(EvolutionSettings settings, IReadOnlyCollection<int[]> contenders) =>
        contenders.Count == 0 ? settings.Rounds.Count - 1 : 0;

    private static List<int[]> Breed(SearchState state)
    {
        var known = state.Scored.ToHashSet();
        var offspring = new List<int[]>();
        for (var index = 0; index < state.Settings.Offspring; index++)
        {
            var random = new SearchRandom(state.Seed, state.Generation + 1, index);
            var child = state.Survivors[0];
            for (var attempt = 0; attempt < TriesPerOffspring; attempt++)
            {
                var parent = state.Survivors[random.Between(0, state.Survivors.Count - 1)];
                child = LevelSwitch.Mutate(
                    parent, state.Space, state.Settings.MaxMoves, state.Settings.MaxLevels, random);
                if (known.Add(SearchState.Key(child)))
                    break;
            }

            offspring.Add(child);
        }

        return offspring;
    }

    private static void Require(bool holds, string name, int value)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, "must be at least 1");
    }
}
