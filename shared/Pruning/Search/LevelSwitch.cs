namespace Mlops.Pruning.Search;

/// <summary>
/// Diff-ES's only variation: moves levels from one stage to another, which conserves the sum and the bounds, so that no
/// projection or penalty is needed. Between stages of unequal weight the least exact exchange is the unit: b levels of
/// weight a for a levels of weight b, common factors left out.
/// </summary>
public static class LevelSwitch
{
    private const int TrialsPerMove = 32;

    /// <summary>A mutated copy; equal to the parent only if no move was possible.</summary>
    /// <param name="maxMoves">T_m: n = min(U{1..T_m}, U{1..T_m}) moves are made.</param>
    /// <param name="maxLevels">Most levels that one move takes from a stage, or one unit where that is more.</param>
    public static int[] Mutate(
        IReadOnlyList<int> parent, SearchSpace space, int maxMoves, int maxLevels, SearchRandom random)
    {
        int[] levels = [.. parent];
        if (space.Stages < 2)
            return levels;
        var moves = Math.Min(random.Between(1, maxMoves), random.Between(1, maxMoves));
        for (int trial = 0, done = 0; done < moves && trial < TrialsPerMove * moves; trial++)
        {
            var from = random.Between(0, space.Stages - 1);
            var to = (from + random.Between(1, space.Stages - 1)) % space.Stages;
            var common = SearchSpace.Common(space.Weight(from), space.Weight(to));
            var (taken, given) = (space.Weight(to) / common, space.Weight(from) / common);
            var carried = Math.Min(
                random.Between(1, Math.Max(1, maxLevels / taken)),
                Math.Min(levels[from] / taken, (space.MaxLevel - levels[to]) / given));
            if (carried < 1)
                continue;
            levels[from] -= carried * taken;
            levels[to] += carried * given;
            done++;
        }

        return levels;
    }
}
