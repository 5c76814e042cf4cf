using Mlops.Diffusion.Metrics;

namespace Mlops.Tests.Diffusion.Metrics;

public sealed class FeatureScaleTests
{
    [Fact]
    public void The_reference_itself_becomes_mean_zero_and_deviation_one()
    {
        double[][] reference = [[1, 50], [3, 70], [5, 90]];

        var scaled = new FeatureScale(reference).Of(reference);

        foreach (var column in (int[])[0, 1])
        {
            Assert.Equal(0, scaled.Average(row => row[column]), 12);
            Assert.Equal(1, scaled.Average(row => row[column] * row[column]), 12);
        }
    }

    [Fact]
    public void A_channel_that_never_moves_counts_nothing()
    {
        var scale = new FeatureScale([[2, 1], [2, 3]]);

        Assert.Equal([0.0, 1.0], scale.Of([[9, 3]])[0]);
    }

    [Fact]
    public void One_row_is_no_scale()
    {
        Assert.Throws<ArgumentException>(() => new FeatureScale([[1, 2]]));
    }
}
