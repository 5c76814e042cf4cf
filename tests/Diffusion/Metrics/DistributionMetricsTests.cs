using Mlops.Diffusion.Data;
using Mlops.Diffusion.Metrics;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Metrics;

public sealed class DistributionMetricsTests
{
    [Fact]
    public void Kernel_distance_of_two_points_each_is_computed_by_hand()
    {
        using var scope = NewDisposeScope();
        // One feature: k(x, y) = (xy + 1)³.
        Tensor x = Rows(1, 0, 1), y = Rows(1, 2, -1);

        // within x: k(0,1) = 1; within y: k(2,−1) = −1; between: 1, 1, 27, 0.
        Assert.Equal(1 - 1 - (2 * 29.0 / 4), Kid.Distance(x, y), 1e-12);
    }

    [Fact]
    public void Kernel_distance_is_near_zero_for_one_distribution_and_grows_with_a_shift()
    {
        using var scope = NewDisposeScope();
        var x = Normal(300, 6, 1, 0);
        var same = Enumerable.Range(2, 10).Select(seed => Kid.Distance(x, Normal(300, 6, (ulong)seed, 0))).ToArray();
        var deviation = Math.Sqrt(same.Average(value => value * value));

        Assert.InRange(same.Average(), -2 * deviation, 2 * deviation);
        Assert.Contains(same, value => value < 0);
        Assert.True(Kid.Distance(x, Normal(300, 6, 30, 1)) > 20 * deviation);
    }

    [Fact]
    public void Frechet_distance_has_its_closed_form_for_commuting_and_for_rotated_covariances()
    {
        using var scope = NewDisposeScope();
        Tensor first = Rows(2, 4, 0, 0, 9), second = Rows(2, 1, 0, 0, 16), zero = zeros(2, float64);
        // |μ|² + Σ(√a − √b)² where the matrices commute.
        Assert.Equal(25 + 1 + 1, Frechet.Distance(zero, first, tensor([3.0, 4.0]), second), 1e-9);

        // Two-dimensional: tr √M = √(tr M + 2·√det M) with M similar to Σ₁Σ₂.
        var turned = Rows(2, 8.5, 7.5, 7.5, 8.5);
        double trace = (4 * 8.5) + (9 * 8.5), determinant = 36.0 * 16;
        Assert.Equal(
            13 + 17 - (2 * Math.Sqrt(trace + (2 * Math.Sqrt(determinant)))),
            Frechet.Distance(zero, first, zero, turned), 1e-9);
    }

    [Fact]
    public void Frechet_distance_of_a_set_to_itself_is_zero_even_when_the_covariance_is_singular()
    {
        using var scope = NewDisposeScope();
        var few = Normal(5, 12, 1, 0);

        Assert.Equal(0, Frechet.Distance(few, few), 1e-6);
    }

    [Fact]
    public void A_bootstrap_interval_covers_the_mean_and_narrows_with_samples()
    {
        using var scope = NewDisposeScope();
        var few = Bootstrap.Mean(Normal(20, 1, 1, 0).data<double>().ToArray(), 1);
        var many = Bootstrap.Mean(Normal(2000, 1, 1, 0).data<double>().ToArray(), 1);

        Assert.InRange(few.Mean, few.Low, few.High);
        Assert.InRange(0, many.Low - 0.05, many.High + 0.05);
        Assert.Equal(2 * 1.96 / Math.Sqrt(2000), many.High - many.Low, 0.01);
        Assert.True(few.High - few.Low > 5 * (many.High - many.Low));
    }

    [Fact]
    public void Too_few_or_unequal_rows_are_refused()
    {
        using var scope = NewDisposeScope();

        Assert.Throws<InvalidDataException>(() => Kid.Distance(Rows(1, 1), Rows(1, 1, 2)));
        Assert.Throws<InvalidDataException>(() => Frechet.Distance(Rows(1, 1, 2), Rows(2, 1, 2, 3, 4)));
        Assert.Throws<InvalidDataException>(() => Bootstrap.Mean([], 1));
    }

    [Fact]
    public void The_reference_itself_becomes_mean_zero_and_deviation_one()
    {
        using var scope = NewDisposeScope();
        var reference = Rows(2, 1, 50, 3, 70, 5, 90);

        var scaled = FeatureScale.Standardize(reference, reference);

        Assert.Equal(0, scaled.mean([0L]).abs().max().item<double>(), 1e-12);
        Assert.Equal(0, (scaled.square().mean([0L]) - 1).abs().max().item<double>(), 1e-12);
    }

    [Fact]
    public void A_channel_that_never_moves_counts_nothing_and_one_row_is_no_scale()
    {
        using var scope = NewDisposeScope();

        var scaled = FeatureScale.Standardize(Rows(2, 9, 3), Rows(2, 2, 1, 2, 3));

        Assert.Equal([0.0, 1.0], scaled.data<double>().ToArray());
        Assert.Throws<ArgumentException>(() => FeatureScale.Standardize(Rows(2, 1, 2), Rows(2, 1, 2)));
    }

    private static Tensor Rows(int width, params double[] values) => tensor(values, [values.Length / width, width]);

    // Box and Muller's normal numbers around a mean.
    private static Tensor Normal(int count, int dimensions, ulong seed, double mean)
    {
        var random = new SeededRandom(seed);
        var values = new double[count * dimensions];
        for (var i = 0; i < values.Length; i++)
            values[i] = mean + (Math.Sqrt(-2 * Math.Log(1 - random.Next())) * Math.Cos(2 * Math.PI * random.Next()));
        return Rows(dimensions, values);
    }
}
