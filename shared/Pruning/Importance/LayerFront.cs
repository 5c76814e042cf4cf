namespace Mlops.Pruning.Importance;

/// <summary>
/// The knapsack of <see cref="LayerSelection"/> for many needs at once, and exact: keeps every set of layers that no
/// other beats in both freed MACs and summed score (Nemhauser &amp; Ullmann 1969). Costs of layers repeat, so that the
/// front stays short.
/// </summary>
public static class LayerFront
{
    /// <summary>Per need the layers, ascending, whose scores sum to the least among all sets that free as much.
    /// </summary>
    /// <param name="scores">Damage of dropping each layer alone, non-negative.</param>
    /// <param name="macs">MACs that each layer frees.</param>
    /// <param name="needs">MACs to free, ascending.</param>
    /// <exception cref="InvalidDataException">A score is negative or not a number.</exception>
    public static IReadOnlyList<IReadOnlyList<int>> Drop(
        IReadOnlyList<double> scores, IReadOnlyList<long> macs, IReadOnlyList<long> needs)
    {
        LayerSelection.RequireDamages(scores);
        if (needs.Count > 0 && macs.Sum() < needs[^1])
            throw new ArgumentOutOfRangeException(nameof(needs), needs[^1], $"must be at most {macs.Sum()}");

        List<LayerSet> front = [new(0, 0, -1, null)];
        for (var layer = 0; layer < scores.Count; layer++)
            if (macs[layer] > 0)
                front = Undominated([.. front, .. front.Select(set => set.With(layer, scores[layer], macs[layer]))]);
        return [.. needs.Select(need => Trimmed(front.First(set => set.Freed >= need), need, macs))];
    }

    // Ascending in both; among equals the one with the earlier layers stays.
    private static List<LayerSet> Undominated(List<LayerSet> sets)
    {
        var front = new List<LayerSet>();
        foreach (var set in sets.OrderByDescending(set => set.Freed).ThenBy(set => set.Score))
            if (front.Count == 0 || set.Score < front[^1].Score)
                front.Add(set);
        front.Reverse();
        return front;
    }

    // What the need can do without has no score, or the set would not be the best; the costliest of it stays first.
    private static List<int> Trimmed(LayerSet set, long need, IReadOnlyList<long> macs)
    {
        var (layers, spare) = (set.Layers(), set.Freed - need);
        foreach (var layer in layers.OrderByDescending(layer => macs[layer]).ToArray())
            if (macs[layer] <= spare)
            {
                layers.Remove(layer);
                spare -= macs[layer];
            }

        return layers;
    }

    /// <summary>A set as the layer that came last and the set before it.</summary>
    private sealed record LayerSet(long Freed, double Score, int Layer, LayerSet? Rest)
    {
        public LayerSet With(int layer, double score, long macs) => new(Freed + macs, Score + score, layer, this);

        public List<int> Layers()
        {
            var layers = new List<int>();
            for (var set = this; set.Rest is not null; set = set.Rest)
                layers.Add(set.Layer);
            layers.Reverse();
            return layers;
        }
    }
}
