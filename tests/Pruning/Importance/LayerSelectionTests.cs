using Mlops.Pruning.Importance;

namespace Mlops.Tests.Pruning.Importance;

public sealed class LayerSelectionTests
{
    [Fact]
    public void The_cheapest_set_that_frees_enough_is_dropped()
    {
        // By score alone layer 0 would go first; layers 1 and 2 together free as much as is needed for less damage.
        double[] scores = [1, 2, 2.5, 10];
        long[] macs = [5, 20, 20, 45];

        Assert.Equal([1, 2], LayerSelection.Drop(scores, macs, 100, 0.6));
        Assert.Equal([0, 1, 2], LayerSelection.Drop(scores, macs, 100, 0.55));
        Assert.Empty(LayerSelection.Drop(scores, macs, 100, 1));
    }

    [Fact]
    public void No_random_set_within_the_budget_is_cheaper()
    {
        var random = new Random(5);
        var scores = Enumerable.Range(0, 14).Select(_ => random.NextDouble()).ToArray();
        var macs = Enumerable.Range(0, 14).Select(_ => random.NextInt64(1_000_000, 9_000_000)).ToArray();
        var total = macs.Sum() * 5 / 4;

        var chosen = LayerSelection.Drop(scores, macs, total, 0.6);

        Assert.True(total - chosen.Sum(layer => macs[layer]) <= 0.6 * total);
        var best = Enumerable.Range(0, 1 << 14).Where(set => total - Sum(macs, set) <= 0.6 * total)
            .Min(set => Enumerable.Range(0, 14).Where(layer => (set >> layer & 1) == 1).Sum(layer => scores[layer]));
        // Costs are rounded to 1/4096 of what is needed, which may cost a little score.
        Assert.InRange(chosen.Sum(layer => scores[layer]), best, best * 1.02);
    }

    [Fact]
    public void A_budget_that_no_set_reaches_is_refused_with_what_is_possible()
    {
        var refusal = Assert.Throws<InvalidDataException>(() => LayerSelection.Drop([1, 1], [20, 20], 100, 0.5));

        Assert.Contains("0.5 cannot be reached", refusal.Message);
        Assert.Contains("leaves 0.6", refusal.Message);
    }

    private static long Sum(long[] macs, int set) =>
        Enumerable.Range(0, macs.Length).Where(layer => (set >> layer & 1) == 1).Sum(layer => macs[layer]);
}
