using Mlops.Diffusion.Data;
using Mlops.Diffusion.Metrics;

namespace Mlops.Tests.Diffusion.Metrics;

public sealed class DistributionMetricsTests
{
    [Fact]
    public void Kernel_distance_of_two_points_each_is_computed_by_hand()
    {
        // One feature: k(x, y) = (xy + 1)³.
        double[][] x = [[0], [1]], y = [[2], [-1]];

        // within x: k(0,1) = 1; within y: k(2,−1) = −1; between: 1, 1, 27, 0.
        Assert.Equal(1 - 1 - (2 * 29.0 / 4), Kid.Of(x, y), 12);
    }

    [Fact]
    public void Kernel_distance_is_near_zero_for_one_distribution_and_grows_with_a_shift()
    {
        var x = Normal(300, 6, 1, 0);
        var (mean, deviation) = Kid.Subsets(x, Normal(300, 6, 2, 0), 10, 100, 1);
        var shifted = Kid.Of(x, Normal(300, 6, 3, 1));

        Assert.InRange(mean, -3 * deviation, 3 * deviation);
        Assert.True(shifted > 20 * Math.Abs(mean));
        Assert.Equal((mean, deviation), Kid.Subsets(x, Normal(300, 6, 2, 0), 10, 100, 1));
    }

    [Fact]
    public void Eigenvectors_rebuild_the_matrix_and_the_root_squares_to_it()
    {
        var random = new SeededRandom(4);
        const int n = 24;
        var a = new double[n, n];
        for (var k = 0; k < n; k++)
        {
            var v = new double[n];
            for (var i = 0; i < n; i++)
                v[i] = random.Next(-1, 1);
            for (var i = 0; i < n; i++)
                for (var j = 0; j < n; j++)
                    a[i, j] += v[i] * v[j];
        }

        var root = SymmetricEigen.Root(a);

        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++)
                Assert.Equal(a[i, j], Enumerable.Range(0, n).Sum(k => root[i, k] * root[k, j]), 9);
    }

    [Fact]
    public void Frechet_distance_has_its_closed_form_for_commuting_and_for_rotated_covariances()
    {
        double[,] first = { { 4, 0 }, { 0, 9 } }, second = { { 1, 0 }, { 0, 16 } };
        // |μ|² + Σ(√a − √b)² where the matrices commute.
        Assert.Equal(25 + 1 + 1, Frechet.Distance([0, 0], first, [3, 4], second), 9);

        // Two-dimensional: tr √M = √(tr M + 2·√det M) with M similar to Σ₁Σ₂.
        double[,] turned = { { 8.5, 7.5 }, { 7.5, 8.5 } };
        double trace = (4 * 8.5) + (9 * 8.5), determinant = 36.0 * 16;
        Assert.Equal(
            13 + 17 - (2 * Math.Sqrt(trace + (2 * Math.Sqrt(determinant)))),
            Frechet.Distance([0, 0], first, [0, 0], turned), 9);
    }

    [Fact]
    public void Frechet_distance_of_a_set_to_itself_is_zero_even_when_the_covariance_is_singular()
    {
        var few = Normal(5, 12, 1, 0);

        Assert.Equal(0, Frechet.Distance(few, few), 6);
    }

    [Fact]
    public void A_bootstrap_interval_covers_the_mean_and_narrows_with_samples()
    {
        var few = Bootstrap.Mean([.. Normal(20, 1, 1, 0).Select(row => row[0])], 1);
        var many = Bootstrap.Mean([.. Normal(2000, 1, 1, 0).Select(row => row[0])], 1);

        Assert.InRange(few.Mean, few.Low, few.High);
        Assert.InRange(0, many.Low - 0.05, many.High + 0.05);
        Assert.Equal(2 * 1.96 / Math.Sqrt(2000), many.High - many.Low, 0.01);
        Assert.True(few.High - few.Low > 5 * (many.High - many.Low));
    }

    [Fact]
    public void Too_few_or_unequal_rows_are_refused()
    {
        Assert.Throws<InvalidDataException>(() => Kid.Of([[1]], [[1], [2]]));
        Assert.Throws<InvalidDataException>(() => Frechet.Distance([[1], [2]], [[1, 2], [3, 4]]));
        Assert.Throws<InvalidDataException>(() => Bootstrap.Mean([], 1));
    }

    // Box and Muller's normal numbers around a mean.
    private static double[][] Normal(int count, int dimensions, ulong seed, double mean)
    {
        var random = new SeededRandom(seed);
        var rows = new double[count][];
        for (var i = 0; i < count; i++)
        {
            rows[i] = new double[dimensions];
            for (var j = 0; j < dimensions; j++)
                rows[i][j] = mean
                    + (Math.Sqrt(-2 * Math.Log(1 - random.Next())) * Math.Cos(2 * Math.PI * random.Next()));
        }

        return rows;
    }
}
