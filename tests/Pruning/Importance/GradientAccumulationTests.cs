using Mlops.Diffusion.Schedulers;
using Mlops.Pruning.Importance;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Importance;

public sealed class GradientAccumulationTests
{
    [Theory]
    [InlineData("epsilon")]
    [InlineData("v_prediction")]
    [InlineData("sample")]
    [InlineData("flow")]
    public void Whatever_a_network_predicts_the_walk_compares_errors_of_the_noise(string prediction)
    {
        using var scope = NewDisposeScope();
        using var network = SomeNetwork.UNet();
        var scheduler = NoiseSchedulers.Parse(prediction == "flow"
            ? """{"_class_name": "FlowMatchEulerDiscreteScheduler", "num_train_timesteps": 20}"""
            : SomeNetwork.Scheduler.Replace("epsilon", prediction));
        using var generator = new Generator(2);
        var batch = new CalibrationBatch(Normal(), Normal());

        using var sums = new GradientAccumulation(network, scheduler) { Threshold = 0, Stride = 4 }
            .Run(batch, 0, 18, CancellationToken.None);

        Assert.Equal(5, sums.Losses.Count);
        foreach (var (index, loss) in sums.Losses.Index())
            Assert.Equal(1, loss / NoiseError(index * 4), 1e-4);

        Tensor Normal() => randn([2, 3, 16, 16], float32, generator: generator);

        double NoiseError(int t)
        {
            using var noGrad = no_grad();
            var asked = batch.At(scheduler, [t, t]);
            var share = (t + 1) / 20.0;
            var (alpha, sigma) = scheduler.Schedule is { } schedule
                ? NoiseLevel.Of(schedule.AlphaBars[t])
                : new NoiseLevel(1 - share, share);
            var noise = scheduler.Prediction.Noise(
                network.Predict(asked.Noisy, asked.Times), asked.Noisy, alpha, sigma);
            return (noise - batch.Noise).square().mean().item<float>();
        }
    }

    [Fact]
    public void A_velocity_model_stops_where_its_noise_error_has_fallen()
    {
        using var scope = NewDisposeScope();
        using var network = SomeNetwork.UNet();
        using var generator = new Generator(2);
        var batch = new CalibrationBatch(
            randn([2, 3, 16, 16], float32, generator: generator), randn([2, 3, 16, 16], float32, generator: generator));
        var scheduler = NoiseSchedulers.Parse(SomeNetwork.Scheduler.Replace("epsilon", "v_prediction"));

        using var sums = new GradientAccumulation(network, scheduler) { Threshold = 0.5 }
            .Run(batch, 0, 19, CancellationToken.None);

        Assert.InRange(sums.Last, 1, 18);
        Assert.True(sums.Losses[^1] < 0.5 * sums.LossMax);
        Assert.All(sums.Losses.SkipLast(1), loss => Assert.True(loss >= 0.5 * sums.LossMax));
    }
}
