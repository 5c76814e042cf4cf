using Mlops.ScheduleSearch.Probing;
using static TorchSharp.torch;

namespace Mlops.Tests.Services.ScheduleSearch;

public sealed class FitnessTests
{
    [Theory]
    [InlineData("latent_mse", 0)]
    [InlineData("latent_cos", 1)]
    [InlineData("latent_snr", 1)]
    [InlineData("img_ssim", 1)]
    public void Equal_samples_score_best_and_more_noise_scores_less(string metric, double best)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var dense = randn([1L, 2, 3, 16, 16], generator: generator);
        var noise = randn([1L, 2, 3, 16, 16], generator: generator);

        var equal = Fitness.Score(metric, dense, dense);
        var near = Fitness.Score(metric, dense + (noise * 0.1), dense);
        var far = Fitness.Score(metric, dense + noise, dense);

        Assert.Equal(best, equal, 5e-6);
        Assert.True(equal > near && near > far, $"{equal} {near} {far}");
    }

    [Fact]
    public void Signal_share_is_that_of_the_mean_squares()
    {
        using var scope = NewDisposeScope();

        var share = Fitness.Score("latent_snr", zeros([1L, 1, 1, 2, 2]), full([1L, 1, 1, 2, 2], 2.0));

        Assert.Equal(0.5, share, 5e-7);
    }

    [Fact]
    public void States_on_the_way_weigh_more_the_later_they_are()
    {
        using var scope = NewDisposeScope();
        // Squared distances 100, 4 and 1 after three steps; weights 0, ½ and 1.
        var states = tensor([10.0f, 2, 1]).reshape(3, 1, 1, 1, 1);

        Assert.Equal(-2, Fitness.Score("latent_mse", states, zeros_like(states)), 1e-6);
    }

    [Fact]
    public void Samples_that_are_not_finite_lose_to_all_others_and_unknown_metrics_are_refused()
    {
        using var scope = NewDisposeScope();
        var broken = full([1L, 1, 1, 2, 2], double.NaN);

        Assert.Equal(Fitness.Worst, Fitness.Score("latent_mse", broken, zeros([1L, 1, 1, 2, 2])));
        Assert.True(double.IsFinite(Enumerable.Repeat(Fitness.Worst, 1000).Average()));
        Assert.Throws<ArgumentOutOfRangeException>(() => Fitness.Score("beauty", broken, broken));
    }
}
