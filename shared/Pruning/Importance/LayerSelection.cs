namespace Mlops.Pruning.Importance;

/// <summary>
/// Chooses the layers to drop: least summed score among all sets that free enough MACs. A 0/1 knapsack, solved by
/// dynamic programming over costs rounded down to <see cref="Buckets"/> parts of the need, so that the budget holds.
/// </summary>
public static class LayerSelection
{
    private const int Buckets = 4096;

    // Rounding grows with the number of cells that go; beyond this the program would cost more than it brings.
    private const int MostParts = 8;

    /// <summary>Indices of the layers to drop, ascending.</summary>
    /// <param name="scores">Damage of dropping each layer alone, non-negative.</param>
    /// <param name="macs">MACs that each layer frees.</param>
    /// <param name="totalMacs">MACs of the dense model.</param>
    /// <param name="keptRatio">Wanted MACs left / dense MACs.</param>
    /// <param name="parts">Networks that the layers belong to: costs are rounded that much finer.</param>
    /// <exception cref="InvalidDataException">Dropping everything does not free enough.</exception>
    public static IReadOnlyList<int> Drop(
        IReadOnlyList<double> scores, IReadOnlyList<long> macs, long totalMacs, double keptRatio, int parts = 1)
    {
        RequireDamages(scores);
        var need = Need(macs, totalMacs, keptRatio);
        if (need <= 0)
            return [];

        var buckets = Buckets * Math.Min(parts, MostParts);
        var bucket = Math.Max(1, need / buckets);
        return Solve(scores, [.. macs.Select(cost => (int)Math.Min(cost / bucket, buckets * 2L))],
            (int)((need + bucket - 1) / bucket)) ?? Greedy(scores, macs, need);
    }

    /// <summary>MACs to free.</summary>
    /// <exception cref="InvalidDataException">Dropping everything does not free enough.</exception>
    public static long Need(IReadOnlyList<long> macs, long totalMacs, double keptRatio)
    {
        if (keptRatio is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(keptRatio), keptRatio, "must be in (0, 1]");
        var need = totalMacs - (long)Math.Floor(totalMacs * keptRatio);
        return macs.Sum() >= need ? need : throw new InvalidDataException(
            $"macs {keptRatio:0.###} cannot be reached: dropping all {macs.Count} layers leaves "
            + $"{Ratios.Up(1 - ((double)macs.Sum() / totalMacs))}; ask for at least that, or prune channels");
    }

    /// <summary>Refuses scores that are no damages.</summary>
    internal static void RequireDamages(IReadOnlyList<double> scores)
    {
        if (scores.Any(score => !(score >= 0)))
            throw new InvalidDataException("a layer's score is negative or not a number; score importance again");
    }

    /// <summary>best[c] = least score of a set that frees at least c
    /// buckets; null when rounding down spoils the last.</summary>
    private static int[]? Solve(IReadOnlyList<double> scores, int[] costs, int need)
    {
        var best = new double[need + 1];
        Array.Fill(best, double.PositiveInfinity);
        best[0] = 0;
        var taken = new bool[scores.Count, need + 1];
        for (var layer = 0; layer < scores.Count; layer++)
            for (var freed = need; freed > 0; freed--)
            {
                var with = best[Math.Max(0, freed - costs[layer])] + scores[layer];
                if (costs[layer] == 0 || with >= best[freed])
                    continue;
                (best[freed], taken[layer, freed]) = (with, true);
            }

        if (double.IsInfinity(best[need]))
            return null;

        var chosen = new List<int>();
        var left = need;
        for (var layer = scores.Count - 1; layer >= 0 && left > 0; layer--)
            if (taken[layer, left])
            {
                chosen.Add(layer);
                left = Math.Max(0, left - costs[layer]);
            }

        chosen.Reverse();
        return [.. chosen];
    }

    private static int[] Greedy(IReadOnlyList<double> scores, IReadOnlyList<long> macs, long need)
    {
        var chosen = new List<int>();
        foreach (var layer in Enumerable.Range(0, scores.Count).Where(layer => macs[layer] > 0)
            .OrderBy(layer => scores[layer] / macs[layer]))
        {
            if (need <= 0)
                break;
            chosen.Add(layer);
            need -= macs[layer];
        }

        return [.. chosen.Order()];
    }
}
