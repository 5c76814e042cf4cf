namespace Mlops.Pruning.Search;

/// <summary>The cheapest levels under an exact budget when the costs of stages add, by a dynamic program over stages
/// and what they have spent. TMPDiff (arXiv 2603.14062) reports that damages of timesteps add.</summary>
public static class LevelProgram
{
    /// <summary>One level per stage; null when no levels spend the budget exactly. Ties go to the lower level of the
    /// later stage.</summary>
    /// <param name="costs">[stage][level].</param>
    /// <param name="weights">What one level of a stage spends; positive.</param>
    /// <param name="budget">Σ weight · level.</param>
    public static int[]? Solve(
        IReadOnlyList<IReadOnlyList<double>> costs, IReadOnlyList<int> weights, int budget)
    {
        var best = new double[budget + 1];
        Array.Fill(best, double.PositiveInfinity, 1, budget);
        var chosen = new int[costs.Count][];
        for (var stage = 0; stage < costs.Count; stage++)
        {
            var next = new double[budget + 1];
            chosen[stage] = new int[budget + 1];
            for (var spent = 0; spent <= budget; spent++)
            {
                next[spent] = double.PositiveInfinity;
                for (var level = 0; level < costs[stage].Count && level * weights[stage] <= spent; level++)
                {
                    var cost = best[spent - (level * weights[stage])] + costs[stage][level];
                    if (cost < next[spent])
                        (next[spent], chosen[stage][spent]) = (cost, level);
                }
            }

            best = next;
        }

        if (double.IsPositiveInfinity(best[budget]))
            return null;
        var levels = new int[costs.Count];
        for (var (stage, spent) = (costs.Count - 1, budget); stage >= 0; stage--)
        {
            levels[stage] = chosen[stage][spent];
            spent -= levels[stage] * weights[stage];
        }

        return levels;
    }
}
