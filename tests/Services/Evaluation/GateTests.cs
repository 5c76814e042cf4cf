using Mlops.Evaluation;
using Mlops.Contracts.Evaluations;

namespace Mlops.Tests.Services.Evaluation;

public sealed class GateTests
{
    private static readonly EvaluationOptions Options = new() { Macs = 0.65, MinSsim = 0.5, MaxLossRatio = 1.2 };

    [Fact]
    public void Everything_within_the_limits_passes()
    {
        var verdict = Gate.Judge(Measured(macs: 0.65, seconds: 0.8, ssim: 0.7, loss: 1.1), Options);

        Assert.True(verdict.Passed);
        Assert.Equal(["macs", "latency", "ssim", "loss"], verdict.Checks.Select(check => check.Name));
    }

    [Theory]
    [InlineData(0.66, 0.8, 0.7, 1.1, "macs")]
    [InlineData(0.65, 1.01, 0.7, 1.1, "latency")]
    [InlineData(0.65, 0.8, 0.49, 1.1, "ssim")]
    [InlineData(0.65, 0.8, 0.7, 1.21, "loss")]
    public void One_limit_broken_fails_and_is_named(double macs, double seconds, double ssim, double loss, string name)
    {
        var verdict = Gate.Judge(Measured(macs, seconds, ssim, loss), Options);

        Assert.False(verdict.Passed);
        Assert.Equal(name, Assert.Single(verdict.Checks, check => !check.Passed).Name);
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
    ];
}
