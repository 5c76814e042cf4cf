namespace Mlops.Pruning.Search;

/// <summary>Turns shapes over the stages into integer levels with an exact sum.</summary>
public static class Allocation
{
    /// <summary>The uniform schedule: equal levels, a remainder spread evenly over the stages.</summary>
    public static int[] Even(int stages, int budget) =>
        [.. Enumerable.Range(0, stages).Select(s => (budget * (s + 1) / stages) - (budget * s / stages))];

    /// <summary>Rounds weights down to levels of the budget, clips them to the cap and repairs the sum.</summary>
    /// <param name="weights">One weight ≥ 0 per stage; only their proportions count.</param>
    /// <param name="budget">The exact sum of the result.</param>
    /// <param name="maxLevel">Highest level of a stage.</param>
    public static int[] FromWeights(IReadOnlyList<double> weights, int budget, int maxLevel)
    {
        var total = weights.Sum();
        var levels = weights.Select(w => Math.Clamp((int)Math.Floor(w / total * budget), 0, maxLevel)).ToArray();
        RepairSum(levels, budget, maxLevel);
        return levels;
    }

    // A surplus is taken from the largest level, one by one; a deficit fills the stage with most slack to its cap
    // before the next one. Ties go to the lower stage so that runs repeat.
    private static void RepairSum(int[] levels, int budget, int maxLevel)
    {
        for (var surplus = levels.Sum() - budget; surplus > 0; surplus--)
            levels[Array.IndexOf(levels, levels.Max())]--;
        for (var deficit = budget - levels.Sum(); deficit > 0;)
        {
            var stage = Array.IndexOf(levels, levels.Min());
            var given = Math.Min(deficit, maxLevel - levels[stage]);
            levels[stage] += given;
            deficit -= given;
        }
    }
}
