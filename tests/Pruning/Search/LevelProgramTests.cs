using Mlops.Pruning.Search;

namespace Mlops.Tests.Pruning.Search;

public sealed class LevelProgramTests
{
    [Fact]
    public void Program_agrees_with_brute_force_under_unequal_weights()
    {
        var random = new Random(2);
        for (var round = 0; round < 200; round++)
        {
            int[] weights = [random.Next(1, 5), random.Next(1, 5), random.Next(1, 5)];
            double[][] costs = [.. weights.Select(_ =>
                Enumerable.Range(0, 6).Select(_ => random.NextDouble()).ToArray())];
            var budget = random.Next(0, 5 * weights.Sum() + 1);

            var found = LevelProgram.Solve(costs, weights, budget);

            var all = from a in Enumerable.Range(0, 6)
                      from b in Enumerable.Range(0, 6)
                      from c in Enumerable.Range(0, 6)
                      where (a * weights[0]) + (b * weights[1]) + (c * weights[2]) == budget
                      select costs[0][a] + costs[1][b] + costs[2][c];
            if (found is null)
                Assert.Empty(all);
            else
                Assert.Equal(all.Min(), found.Select((level, stage) => costs[stage][level]).Sum(), 1e-12);
        }
    }

    [Fact]
    public void Damage_of_levels_between_measured_ones_is_cubic_and_that_of_equal_masks_equal()
    {
        int[][] skips = [[], [0], [0], [0, 1], [2], [2], [2, 0]];

        Assert.Equal([2, 3, 5, 6], DamageCurves.Points(skips, 10));
        Assert.Equal([3, 6], DamageCurves.Points(skips, 2));
        // Slopes 0, 5 and 40/3 at the points.
        Assert.Equal(
            [0, 40 / 27.0, 140 / 27.0, 10, 460 / 27.0, 740 / 27.0, 40],
            DamageCurves.Complete(skips, [3, 6], [10, 40]), new Near());
        Assert.Equal([0, 4, 4, 5, 8, 8, 9], DamageCurves.Complete(skips, [2, 3, 5, 6], [4, 5, 8, 9]), new Near());
    }

    [Fact]
    public void Damage_between_measured_levels_never_leaves_their_range()
    {
        int[][] skips = [.. Enumerable.Range(0, 41).Select(level => new[] { level })];
        int[] points = [2, 3, 11, 12, 20, 40];
        double[] values = [0.1, 4, 4.1, 0.5, 0.5, 9];

        var curve = DamageCurves.Complete(skips, points, values);

        Assert.All(points.Zip(values), point => Assert.Equal(point.Second, curve[point.First], 1e-12));
        foreach (var (left, right) in points.Zip(points.Skip(1)))
            Assert.All(curve[left..(right + 1)], damage => Assert.InRange(
                damage, Math.Min(curve[left], curve[right]) - 1e-12, Math.Max(curve[left], curve[right]) + 1e-12));
    }

    private sealed class Near : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) < 1e-12;

        public int GetHashCode(double value) => 0;
    }
}
