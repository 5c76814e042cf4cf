using Mlops.Diffusion;
using Mlops.Diffusion.Schedulers;
using Mlops.Diffusion.Training;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Training;

public sealed class ObjectiveTests
{
    [Theory]
    [InlineData("epsilon")]
    [InlineData("v_prediction")]
    [InlineData("sample")]
    public void The_target_leads_back_to_the_clean_image(string prediction)
    {
        using var scope = NewDisposeScope();
        var scheduler = Vp(prediction);
        var clean = rand([2, 3, 4, 4], generator: new Generator(1));
        var noise = randn([2, 3, 4, 4], generator: new Generator(2));
        var example = new Objective(scheduler).Make(clean, noise, [400, 400]);
        double bar = scheduler.Schedule!.AlphaBars[400];

        var again = scheduler.Prediction.Clean(example.Target, example.Noisy, Math.Sqrt(bar), Math.Sqrt(1 - bar));
        var noiseAgain = scheduler.Prediction.Noise(example.Target, example.Noisy, Math.Sqrt(bar), Math.Sqrt(1 - bar));

        Assert.InRange((again - clean).abs().max().item<float>(), 0, 1e-5);
        Assert.InRange((noiseAgain - noise).abs().max().item<float>(), 0, 1e-5);
        Assert.Equal(0, new Objective(scheduler).Loss(example.Target, example).item<float>());
    }

    [Fact]
    public void Draws_depend_on_seed_and_step_only()
    {
        using var scope = NewDisposeScope();
        var clean = zeros(8, 3, 4, 4);
        var objective = new Objective(Vp("epsilon"));

        var first = objective.Draw(clean, 3, 10);
        var again = new Objective(Vp("epsilon")).Draw(clean, 3, 10);
        var other = objective.Draw(clean, 3, 11);

        Assert.Equal(first.Rows, again.Rows);
        Assert.NotEqual(first.Rows, other.Rows);
        Assert.Equal(0, (first.Noisy - again.Noisy).abs().max().item<float>());
        Assert.All(first.Rows, t => Assert.InRange(t, 0, 999));
    }

    [Fact]
    public void Flow_draws_move_along_the_straight_path()
    {
        using var scope = NewDisposeScope();
        var scheduler = NoiseSchedulers.Parse("""{"_class_name": "FlowMatchEulerDiscreteScheduler"}""");
        var clean = ones(16, 1, 4, 4);

        var example = new Objective(scheduler).Draw(clean, 1, 0);
        var s = (example.Times / 1000).reshape(16, 1, 1, 1);
        var back = example.Noisy - (s * example.Target);

        Assert.Equal(float32, example.Times.dtype);
        Assert.InRange((back - clean).abs().max().item<float>(), 0, 1e-4);
        Assert.All(example.Rows.Zip(example.Times.Doubles()),
            pair => Assert.InRange(pair.Second - pair.First, -0.01, 1.01));
    }

    [Fact]
    public void Minimum_snr_weights_cap_easy_timesteps()
    {
        using var scope = NewDisposeScope();
        var scheduler = Vp("epsilon");
        var example = new Objective(scheduler, 5).Make(zeros(2, 1, 2, 2), ones(2, 1, 2, 2), [0, 999]);
        double bar = scheduler.Schedule!.AlphaBars[0];

        var weights = example.Weights!.data<float>().ToArray();
        var loss = new Objective(scheduler, 5).Loss(zeros(2, 1, 2, 2), example).item<float>();

        Assert.Equal(5 * (1 - bar) / bar, weights[0], 5e-7);
        Assert.Equal(1f, weights[1]);
        Assert.Equal((weights[0] + 1) / 2, loss, 5e-7);
    }

    [Fact]
    public void Variance_channels_take_no_part_in_the_loss()
    {
        using var scope = NewDisposeScope();
        var objective = new Objective(Vp("epsilon"));
        var example = objective.Make(zeros(1, 2, 2, 2), ones(1, 2, 2, 2), [7]);

        Assert.Equal(0, objective.Loss(cat([example.Target, full(1, 2, 2, 2, 9f)], 1), example).item<float>());
    }

    private static NoiseScheduler Vp(string prediction) =>
        NoiseSchedulers.Parse($$"""{"_class_name": "DDPMScheduler", "prediction_type": "{{prediction}}"}""");
}
