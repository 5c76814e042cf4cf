using Mlops.Pruning.Importance;

namespace Mlops.Tests.Pruning.Importance;

public sealed class LayerFrontTests
{
    [Fact]
    public void Every_need_gets_the_least_score_of_all_sets_that_free_as_much()
    {
        var random = new Random(5);
        for (var round = 0; round < 40; round++)
        {
            // Few distinct costs and scores, so that ties are frequent.
            double[] scores = [.. Enumerable.Range(0, 9).Select(_ => random.Next(0, 6) / 4.0)];
            long[] macs = [.. Enumerable.Range(0, 9).Select(_ => random.NextInt64(0, 7))];
            long[] needs = [.. Enumerable.Range(0, (int)macs.Sum() + 1).Select(need => (long)need)];

            var drops = LayerFront.Drop(scores, macs, needs);

            for (var need = 0; need < needs.Length; need++)
            {
                var best = Enumerable.Range(0, 1 << 9).Where(set => Members(set).Sum(layer => macs[layer]) >= need)
                    .Min(set => Members(set).Sum(layer => scores[layer]));
                Assert.True(drops[need].Sum(layer => macs[layer]) >= need);
                Assert.Equal(best, drops[need].Sum(layer => scores[layer]), 1e-12);
            }
        }

        static IEnumerable<int> Members(int set) => Enumerable.Range(0, 9).Where(layer => (set >> layer & 1) == 1);
    }

    [Fact]
    public void Nothing_is_dropped_for_no_need_and_no_score_may_be_negative()
    {
        Assert.Empty(LayerFront.Drop([0, 0], [3, 4], [0])[0]);
        Assert.Throws<InvalidDataException>(() => LayerFront.Drop([-1], [3], [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => LayerFront.Drop([1], [3], [4]));
    }

    [Fact]
    public void Layers_without_damage_do_not_go_all_at_once()
    {
        var drops = LayerFront.Drop(new double[6], [10, 10, 10, 10, 10, 10], [0, 10, 20, 25, 60]);

        Assert.Equal([0, 1, 2, 3, 6], drops.Select(drop => drop.Count));
    }

    [Fact]
    public void Seventy_layers_of_ten_costs_are_no_burden()
    {
        var random = new Random(7);
        double[] scores = [.. Enumerable.Range(0, 70).Select(_ => random.NextDouble())];
        long[] costs = [.. Enumerable.Range(0, 10).Select(_ => random.NextInt64(100_000, 9_000_000))];
        long[] macs = [.. Enumerable.Range(0, 70).Select(layer => costs[layer % 10])];
        long[] needs = [.. Enumerable.Range(0, 71).Select(part => macs.Sum() * part / 70)];

        var drops = LayerFront.Drop(scores, macs, needs);

        double[] losses = [.. drops.Select(drop => drop.Sum(layer => scores[layer]))];
        Assert.Equal(losses.Order(), losses);
        Assert.Equal(70, drops[^1].Count);
    }
}
