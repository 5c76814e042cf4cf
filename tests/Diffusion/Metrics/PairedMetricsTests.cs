using Mlops.Diffusion.Metrics;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Metrics;

public sealed class PairedMetricsTests
{
    [Fact]
    public void Mse_and_psnr_have_their_closed_forms_per_pair()
    {
        using var scope = NewDisposeScope();
        var a = zeros(2, 3, 16, 16);
        var b = a.clone();
        b[1].add_(0.2);

        Assert.Equal(0, PairedMetrics.Mse(a, b)[0]);
        Assert.Equal(0.04, PairedMetrics.Mse(a, b)[1], 1e-8);
        Assert.Equal(double.PositiveInfinity, PairedMetrics.Psnr(a, b)[0]);
        Assert.Equal(20, PairedMetrics.Psnr(a, b)[1], 5e-6);
    }

    [Fact]
    public void Equal_images_have_similarity_one()
    {
        using var scope = NewDisposeScope();
        var a = rand([2, 3, 20, 17], generator: new Generator(1));

        Assert.All(PairedMetrics.Ssim(a, a), value => Assert.Equal(1, value, 5e-13));
    }

    [Fact]
    public void Constant_images_have_the_similarity_of_their_means()
    {
        using var scope = NewDisposeScope();
        // On [0, 1] the gray levels are 0.25 and 0.75; without variance only the luminance term is left.
        var ssim = PairedMetrics.Ssim(full(1, 1, 16, 16, -0.5), full(1, 1, 16, 16, 0.5))[0];

        Assert.Equal(((2 * 0.25 * 0.75) + 1e-4) / ((0.25 * 0.25) + (0.75 * 0.75) + 1e-4), ssim, 5e-10);
    }

    [Fact]
    public void An_image_and_its_negative_have_the_similarity_of_opposite_structure()
    {
        using var scope = NewDisposeScope();
        var a = randn([1, 1, 11, 11], generator: new Generator(2)) * 0.3;
        double mean = 0, square = 0;
        var values = a.data<float>().ToArray();
        var weights = new double[121];
        for (var i = 0; i < 121; i++)
            weights[i] = Math.Exp(-(Math.Pow((i / 11) - 5, 2) + Math.Pow((i % 11) - 5, 2)) / (2 * 1.5 * 1.5));
        for (var i = 0; i < 121; i++)
        {
            mean += weights[i] / weights.Sum() * (values[i] + 1) / 2;
            square += weights[i] / weights.Sum() * Math.Pow((values[i] + 1) / 2, 2);
        }

        var variance = square - (mean * mean);
        var luminance = ((2 * mean * (1 - mean)) + 1e-4) / ((mean * mean) + ((1 - mean) * (1 - mean)) + 1e-4);
        var expected = luminance * ((-2 * variance) + 9e-4) / ((2 * variance) + 9e-4);

        Assert.Equal(expected, PairedMetrics.Ssim(a, a.neg())[0], 5e-10);
    }

    [Fact]
    public void Shapes_are_checked()
    {
        using var scope = NewDisposeScope();

        Assert.Throws<InvalidDataException>(() => PairedMetrics.Mse(zeros(1, 3), zeros(1, 4)));
        Assert.Throws<InvalidDataException>(() => PairedMetrics.Ssim(zeros(1, 3, 8, 8), zeros(1, 3, 8, 8)));
    }
}
