namespace Mlops.Pruning.Plans;

/// <summary>A closed interval of native timesteps.</summary>
/// <param name="First">Lowest timestep.</param>
/// <param name="Last">Highest timestep, included.</param>
public readonly record struct StageBounds(int First, int Last)
{
    /// <summary>Number of timesteps.</summary>
    public int Length => Last - First + 1;

    /// <summary>
    /// S contiguous stages of the T timesteps: stage s covers [round(T·s/S), round(T·(s+1)/S) − 1], ascending in t, so
    /// that stage 0 is the cleanest. Halves round to even, as the Diff-ES code (arXiv 2603.05105) does.
    /// </summary>
    public static IReadOnlyList<StageBounds> Equal(int timesteps, int stages)
    {
        if (timesteps < 1)
            throw new ArgumentOutOfRangeException(nameof(timesteps), timesteps, "must be at least 1");
        if (stages < 1 || stages > timesteps)
            throw new ArgumentOutOfRangeException(nameof(stages), stages, $"must be in [1, {timesteps}]");

        return [.. Enumerable.Range(0, stages).Select(s => new StageBounds(Edge(s), Edge(s + 1) - 1))];

        int Edge(int s) => (int)Math.Round((double)timesteps * s / stages, MidpointRounding.ToEven);
    }
}
