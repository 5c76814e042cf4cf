using System.Globalization;
using Mlops.Bench;
using Mlops.Evaluation;
using Mlops.Contracts.Evaluations;
using Mlops.Evaluation.Measuring;

namespace Mlops.Tests.Services.Evaluation;

public sealed class GateTests
{
    private static readonly EvaluationOptions Options = new() { Macs = 0.65, MinSsim = 0.5, MaxLossRatio = 1.2 };

    private const double Margin = 0.01;

    [Fact]
    public void Everything_within_the_limits_passes()
    {
        var verdict = Gate.Judge(Measured(macs: 0.65, seconds: 0.8, ssim: 0.7, loss: 1.2 - Margin), Options);

        Assert.True(verdict.Passed);
        Assert.Equal(["macs", "latency", "ssim", "loss"], verdict.Checks.Select(check => check.Name));
    }

    [Theory]
    [InlineData(0.66, 0.8, 0.7, 1.1, "macs")]
    [InlineData(0.65, 1.01, 0.7, 1.1, "latency")]
    [InlineData(0.65, 0.8, 0.49, 1.1, "ssim")]
    [InlineData(0.65, 0.8, 0.7, 1.2, "loss")]   // at the limit, but by chance it may be above
    public void One_limit_broken_fails_and_is_named(double macs, double seconds, double ssim, double loss, string name)
    {
        var verdict = Gate.Judge(Measured(macs, seconds, ssim, loss), Options);

        Assert.False(verdict.Passed);
        Assert.Equal(name, Assert.Single(verdict.Checks, check => !check.Passed).Name);
    }

    [Fact]
    public void A_better_distribution_does_not_make_up_for_images_that_are_others()
    {
        // OBS-Diff on Stable Diffusion 2.1: the pruned model's FID fell from 31.25 to 27.41 while ImageReward, which
        // looks at each image and its prompt, fell from 0.363 to −0.036. Here SSIM and loss look at each image.
        Measurement[] better =
        [
            new("distribution", "frechet", "", "p", Better.Lower, 31.25, 27.41, 27.2, 27.6),
            new("distribution", "kid", "", "p", Better.Lower, 0.012, 0.009, 0.008, 0.01),
            new("distribution", "precision", "", "p", Better.Higher, 0.6, 0.7, 0.68, 0.72),
        ];

        var collapsed = Gate.Judge([.. Measured(0.65, 0.8, ssim: 0.21, loss: 1.4), .. better], Options);
        var faithful = Gate.Judge([.. Measured(0.65, 0.8, ssim: 0.9, loss: 1.05), .. better], Options);

        Assert.False(collapsed.Passed);
        Assert.Equal(["ssim", "loss"], collapsed.Checks.Where(check => !check.Passed).Select(check => check.Name));
        Assert.True(faithful.Passed);
        Assert.Equal(faithful.Checks.Select(check => check.Name), collapsed.Checks.Select(check => check.Name));
    }

    [Theory]
    [InlineData(2.0, true)]
    [InlineData(1.05, false)]   // the dense model's loss is 1
    public void A_dense_model_that_has_learned_little_is_no_measure(double trivial, bool passes)
    {
        var verdict = Gate.Judge(
            [
                .. Measured(macs: 0.65, seconds: 0.8, ssim: 0.99, loss: 1),
                new("loss", "trivial_loss", "", "p", Better.Higher, null, trivial),
            ],
            Options);

        Assert.Equal(passes, verdict.Passed);
        var check = verdict.Checks.Single(check => check.Name == "trivial_loss");
        Assert.StartsWith(
            passes ? "the dense model has learned its data" : "the dense model is not trained enough to judge",
            check.Sentence, StringComparison.Ordinal);
    }

    private static Measurement[] Measured(double macs, double seconds, double ssim, double loss) =>
    [
        new("size", "macs", "MAC", "p", Better.Lower, 1, macs),
        new("speed", "latency", "s", "p", Better.Lower, 1, seconds, seconds, seconds),
        new("pairs", "ssim", "", "p", Better.Higher, null, ssim),
        new("loss", "loss", "", "p", Better.Lower, 1, loss),
        new("loss", "loss_ratio", "", "p", Better.Lower, null, loss, loss - Margin, loss + Margin),
    ];

    [Fact]
    public void A_ratio_of_paired_losses_has_an_interval_that_knows_what_the_pairs_share()
    {
        var random = new Random(3);
        double[] dense = [.. Enumerable.Range(0, 400).Select(_ => Math.Exp(random.NextDouble() * 4))];

        var equal = PairedRatio.Of(dense, dense);
        var scaled = PairedRatio.Of(dense, [.. dense.Select(loss => loss * 1.05)]);
        var noisy = PairedRatio.Of(dense, [.. dense.Select(loss => loss * (0.95 + (0.2 * random.NextDouble())))]);

        Assert.Equal((1, 1, 1), (equal.Mean, equal.Low, equal.High));
        Assert.Equal(1.05, scaled.High, 1e-12);
        // The noise has a standard deviation of 0.2 / sqrt(12); large losses weigh more than small ones.
        Assert.InRange(noisy.High - noisy.Mean, 2.3 * 0.0577 / 20, 2 * 2.3 * 0.0577 / 20);
        Assert.InRange(1.05, noisy.Low, noisy.High);
    }

    [Fact]
    public void A_loss_of_three_percent_is_found_where_the_mean_alone_passes_half_of_them()
    {
        var random = new Random(4);
        var bands = Enumerable.Range(0, 2).Select(_ =>
        {
            List<double> dense = [.. Enumerable.Range(0, 4000).Select(_ => 0.5 + random.NextDouble())];
            return (Dense: dense, Pruned: dense.ConvertAll(loss => loss * (0.75 + (0.5 * random.NextDouble()))));
        }).ToList();

        var table = GateBenchmark.Simulate(bands, judged: 300);

        Assert.True(table.Kept);
        Assert.Equal(["128", "256", "500", "1000", "2000"], table.Rows.Take(5).Select(row => row[1]));
        Assert.All(table.Rows.Take(5), row => Assert.InRange(Share(row, loss: 3), 0.95, 1));
        Assert.All(table.Rows.Skip(5).Take(5), row => Assert.InRange(Share(row, loss: 3), 0.35, 0.65));
        Assert.All(table.Rows.Skip(10), row => Assert.Equal(0, Share(row, loss: 3)));
    }

    // After the rule and the number of pairs: losses of 0, 1, 2, 3 and 5 %.
    private static double Share(IReadOnlyList<string> row, int loss) =>
        double.Parse(row[2 + loss].TrimEnd(' ', '%'), CultureInfo.InvariantCulture) / 100;
}
