namespace Mlops.Pruning.Search;

/// <summary>
/// Diff-ES's search (arXiv 2603.05105) as pure functions: elitist (mu + lambda) selection over cached scores, level
/// switches as the only variation, no crossover. Scoring happens outside, so the candidates of a generation can be
/// spread over any number of machines.
/// </summary>
public static class EvolutionarySearch
{
    // A mutation that lands on a known schedule teaches nothing; small spaces run out of unknown ones.
    private const int TriesPerOffspring = 16;

    /// <summary>The initial population, not yet scored.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public static SearchState Start(SearchSpace space, EvolutionSettings settings, long seed)
    {
        Require(settings.Survivors >= 1, nameof(settings.Survivors), settings.Survivors);
        Require(settings.Offspring >= 1, nameof(settings.Offspring), settings.Offspring);
        Require(settings.MaxMoves >= 1, nameof(settings.MaxMoves), settings.MaxMoves);
        Require(settings.MaxLevels >= 1, nameof(settings.MaxLevels), settings.MaxLevels);
        var population = InitialPopulation.Create(space, settings.Survivors + settings.Offspring, seed);
        return new(space, settings, seed, 0, population, new SortedDictionary<string, double>(), null, 0, []);
    }

    /// <summary>The distinct schedules that need a score before <see cref="Next"/>.</summary>
    public static IReadOnlyList<int[]> Pending(SearchState state) => IsFinished(state)
        ? []
        : [.. state.Population.Where(l => !state.Archive.ContainsKey(SearchState.Key(l))).DistinctBy(SearchState.Key)];

    /// <summary>Whether the last generation is scored, or patience ended.</summary>
    public static bool IsFinished(SearchState state) =>
        state.Generation > state.Settings.Generations
        || (state.Settings.Patience > 0 && state.Stale >= state.Settings.Patience);

    /// <summary>The best fitness so far; needs a scored generation.</summary>
    public static double BestFitness(SearchState state) =>
        state.Archive[SearchState.Key(state.Best ?? throw new InvalidOperationException("nothing is scored yet"))];

    /// <summary>Takes in the scores, keeps the survivors and breeds the next generation.</summary>
    /// <param name="state">A state whose population waits for scores.</param>
    /// <param name="scores">Key to fitness of at least the pending schedules; higher is better.</param>
    /// <exception cref="InvalidDataException">A pending schedule has no finite score.</exception>
    public static SearchState Next(SearchState state, IReadOnlyDictionary<string, double> scores)
    {
        if (IsFinished(state))
            return state;
        var archive = new SortedDictionary<string, double>(state.Archive.ToDictionary(), StringComparer.Ordinal);
        foreach (var key in Pending(state).Select(SearchState.Key))
            archive[key] = scores.TryGetValue(key, out var fitness) && double.IsFinite(fitness)
                ? fitness
                : throw new InvalidDataException($"schedule {key} has no finite fitness");

        double Fitness(int[] levels) => archive[SearchState.Key(levels)];
        var ranked = state.Population.OrderByDescending(Fitness).ToList();
        var improved = state.Best is null || Fitness(ranked[0]) > Fitness(state.Best);
        var best = improved ? ranked[0] : state.Best!;
        var survivors = ranked.DistinctBy(SearchState.Key).Take(state.Settings.Survivors).ToList();
        return state with
        {
            Generation = state.Generation + 1,
            Population = Breed(state, survivors, archive.Keys),
            Archive = archive,
            Best = best,
            Stale = improved ? 0 : state.Stale + 1,
            History =
            [
                .. state.History,
                new(state.Generation, Fitness(best), state.Population.Average(Fitness), archive.Count),
            ],
        };
    }

    private static List<int[]> Breed(SearchState state, List<int[]> survivors, IEnumerable<string> scored)
    {
        var known = scored.ToHashSet();
        var population = survivors.ToList();
        for (var index = 0; index < state.Settings.Offspring; index++)
        {
            var random = new SearchRandom(state.Seed, state.Generation + 1, index);
            var child = survivors[0];
            for (var attempt = 0; attempt < TriesPerOffspring; attempt++)
            {
                var parent = survivors[random.Between(0, survivors.Count - 1)];
                child = LevelSwitch.Mutate(
                    parent, state.Space, state.Settings.MaxMoves, state.Settings.MaxLevels, random);
                if (known.Add(SearchState.Key(child)))
                    break;
            }

            population.Add(child);
        }

        return population;
    }

    private static void Require(bool holds, string name, int value)
    {
        if (!holds)
            throw new ArgumentOutOfRangeException(name, value, "must be at least 1");
    }
}
