using Mlops.Diffusion.Metrics;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Metrics;

public sealed class PrecisionRecallTests
{
    [Fact]
    public void Precision_recall_and_density_of_points_on_a_line_are_computed_by_hand()
    {
        using var scope = NewDisposeScope();
        // The third nearest other point of 0, 1, 2, 3, 10, 11, 12, 13 is 3, 2, 2, 3 away, in both clusters.
        var real = Line(0, 1, 2, 3, 10, 11, 12, 13);
        // Of these 0.5, 1.5, 2.5, 20, 21, 22, 23, 24 it is 19.5, 18.5, 17.5, 3, 2, 2, 2, 3 away.
        var generated = Line(0.5, 1.5, 2.5, 20, 21, 22, 23, 24);

        var found = PrecisionRecall.Estimate(real, generated);

        Assert.Equal(3.0 / 8, found.Precision.Value);
        // 0.5 lies in the balls of 0, 1, 2, 3; 1.5 and 2.5 as well: twelve balls, of three per picture expected.
        Assert.Equal(12.0 / (3 * 8), found.Density.Value);
        Assert.Equal(1, found.Recall.Value);
    }

    [Fact]
    public void A_collapsed_model_is_precise_and_recalls_little()
    {
        using var scope = NewDisposeScope();
        var real = randn([400, 4], float64, generator: new Generator(1));
        var collapsed = randn([400, 4], float64, generator: new Generator(2)) * 0.2;

        var found = PrecisionRecall.Estimate(real, collapsed);

        Assert.InRange(found.Precision.Value, 0.95, 1);
        Assert.InRange(found.Recall.Value, 0, 0.2);
        Assert.InRange(found.Density.Value, 0.8, 1.4);
        Assert.InRange(found.Recall.Interval().High, found.Recall.Value, 0.3);
    }

    [Fact]
    public void Too_few_rows_are_refused()
    {
        using var scope = NewDisposeScope();

        Assert.Contains("at least 6 rows", Assert.Throws<InvalidDataException>(
            () => PrecisionRecall.Estimate(Line(1, 2, 3, 4, 5), Line(1, 2, 3, 4, 5))).Message,
            StringComparison.Ordinal);
    }

    private static Tensor Line(params double[] values) => tensor(values, [values.Length, 1]);
}
