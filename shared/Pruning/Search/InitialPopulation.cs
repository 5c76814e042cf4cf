namespace Mlops.Pruning.Search;

/// <summary>
/// The "hybrid" start of Diff-ES: the uniform schedule, simple shapes over the trajectory, then random weights.
/// </summary>
public static class InitialPopulation
{
    private const int AttemptsPerMember = 50;

    /// <summary>Distinct schedules of the space, <paramref name="first"/> before all others; fewer only if the space is
    /// that small.</summary>
    public static List<int[]> Create(SearchSpace space, int size, long seed, IEnumerable<int[]> first)
    {
        var population = new List<int[]>();
        var known = new HashSet<string>();
        foreach (var levels in first.Concat(Shapes(space.Stages).Select(space.Shaped)))
            Add(levels);
        for (var attempt = 0; population.Count < size && attempt < AttemptsPerMember * size; attempt++)
        {
            var random = new SearchRandom(seed, 0, attempt);
            Add(space.Shaped(
                [.. Enumerable.Range(0, space.Stages).Select(_ => -Math.Log(random.NextDouble()))]));
        }

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
        yield return Shape(s => stages - s);
        yield return Shape(s => s + 1);
        yield return Shape(s => Gaussian(s, Math.Max(1, stages / 4.0)));
        yield return Shape(s => s % 2 == 0 ? 1.2 : 0.8);
        yield return Shape(s => 1 - Gaussian(s, Math.Max(1, stages / 3.5)) + 1e-6);

        double Gaussian(int s, double sigma) => Math.Exp(-(s - center) * (s - center) / (2 * sigma * sigma));
        double[] Shape(Func<int, double> weight) => [.. Enumerable.Range(0, stages).Select(weight)];
    }
}
