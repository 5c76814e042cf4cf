namespace Mlops.Pruning.Search;

/// <summary>What a search begins from.</summary>
public enum SearchStart
{
    /// <summary>Diff-ES's: equal levels, then shapes and random ones.</summary>
    Hybrid,

    /// <summary>Equal levels alone.</summary>
    Uniform,

    /// <summary>Levels that fall from the clean end to the noisy one, alone.</summary>
    Front,

    /// <summary>Levels that rise to the noisy end, alone.</summary>
    Back,

    /// <summary>Levels that rise half as steeply, alone. The published ramps are front and back themselves.</summary>
    Ramp,

    /// <summary>Levels drawn by the seed, alone.</summary>
    Random,
}

/// <summary>
/// The "hybrid" start of Diff-ES: the uniform schedule, simple shapes over the trajectory, then random weights.
/// </summary>
public static class InitialPopulation
{
    private const int AttemptsPerMember = 50;

    /// <summary>The schedule that comes before all others.</summary>
    public static int[] First(SearchSpace space, SearchStart start, long seed) => start switch
    {
        SearchStart.Front => space.Shaped(Front(space.Stages)),
        SearchStart.Back => space.Shaped(Back(space.Stages)),
        SearchStart.Ramp => space.Shaped(Shape(space.Stages, s => ((space.Stages + 1) / 2.0) + s + 1)),
        SearchStart.Random => space.Shaped(Random(space.Stages, new(seed, 0, 0))),
        _ => space.Uniform(),
    };

    /// <summary>Distinct schedules of the space, <paramref name="first"/> before all others; fewer only if the space is
    /// that small.</summary>
    public static List<int[]> Create(SearchSpace space, int size, long seed, IEnumerable<int[]> first)
    {
        var population = new List<int[]>();
        var known = new HashSet<string>();
        foreach (var levels in first.Concat(Shapes(space.Stages).Select(space.Shaped)))
            Add(levels);
        for (var attempt = 0; population.Count < size && attempt < AttemptsPerMember * size; attempt++)
            Add(space.Shaped(Random(space.Stages, new(seed, 0, attempt))));

        // Spiky random weights repeat themselves in small spaces; neighbors of known members are the last resort.
        for (var attempt = 0; population.Count < size && attempt < AttemptsPerMember * size; attempt++)
        {
            var random = new SearchRandom(seed, 0, -1 - attempt);
            Add(LevelSwitch.Mutate(population[random.Between(0, population.Count - 1)], space, 1, 1, random));
        }

        return population;

        void Add(int[] levels)
        {
            if (population.Count < size && known.Add(SearchState.Key(levels)))
                population.Add(levels);
        }
    }

    // Ramp-down equals front and ramp-up equals back, so they are not listed again.
    private static IEnumerable<double[]> Shapes(int stages)
    {
        var center = (stages - 1) / 2.0;
        yield return Front(stages);
        yield return Back(stages);
        yield return Shape(stages, s => Gaussian(s, Math.Max(1, stages / 4.0)));
        yield return Shape(stages, s => s % 2 == 0 ? 1.2 : 0.8);
        yield return Shape(stages, s => 1 - Gaussian(s, Math.Max(1, stages / 3.5)) + 1e-6);

        double Gaussian(int s, double sigma) => Math.Exp(-(s - center) * (s - center) / (2 * sigma * sigma));
    }

    private static double[] Front(int stages) => Shape(stages, s => stages - s);

    private static double[] Back(int stages) => Shape(stages, s => s + 1);

    private static double[] Random(int stages, SearchRandom random) =>
        Shape(stages, _ => -Math.Log(random.NextDouble()));

    private static double[] Shape(int stages, Func<int, double> weight) =>
        [.. Enumerable.Range(0, stages).Select(weight)];
}
