using Mlops.Diffusion.Models;
using Mlops.Diffusion.Sampling;
using Mlops.Diffusion.Schedulers;
using Mlops.Tests.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Sampling;

public sealed class SamplerTests
{
    private const string Stochastic =
        """{"_class_name": "DDPMScheduler", "clip_sample": true, "variance_type": "fixed_large"}""";

    [Fact]
    public void A_sample_depends_on_its_seed_and_index_but_not_on_the_batch_size()
    {
        using var scope = NewDisposeScope();

        var whole = Draw(7, 5, 8);
        var split = Draw(7, 5, 2);
        var fewer = Draw(7, 3, 8);
        var other = Draw(8, 5, 8);

        Assert.Equal(0, (whole - split).abs().max().item<float>());
        Assert.Equal(0, (whole.narrow(0, 0, 3) - fewer).abs().max().item<float>());
        Assert.True((whole - other).abs().max().item<float>() > 0.1f);
    }

    [Fact]
    public void Steps_are_reported_in_order_with_their_native_timesteps()
    {
        using var scope = NewDisposeScope();
        var seen = new List<(int First, int Index, long Native)>();
        var sampler = new Sampler(NoiseSchedulers.Parse(Stochastic), new SamplerOptions(4, BatchSize: 2));

        sampler.Sample(Half, EqualNoise.Start(1, 0, 3, 1, 4, 4),
            onStep: step => seen.Add((step.FirstSample, step.Index, step.NativeTimestep)));

        Assert.Equal(
            [(0, 0, 750), (0, 1, 500), (0, 2, 250), (0, 3, 0), (2, 0, 750), (2, 1, 500), (2, 2, 250), (2, 3, 0)], seen);
    }

    [Fact]
    public void Cancelling_stops_before_the_next_step()
    {
        using var scope = NewDisposeScope();
        using var cancel = new CancellationTokenSource();
        var steps = 0;
        var sampler = new Sampler(NoiseSchedulers.Parse(Stochastic), new SamplerOptions(10));

        Assert.Throws<OperationCanceledException>(() => sampler.Sample(
            Half, EqualNoise.Start(1, 0, 1, 1, 4, 4), onStep: _ =>
            {
                if (++steps == 3)
                    cancel.Cancel();
            }, cancellationToken: cancel.Token));

        Assert.Equal(3, steps);
    }

    [Fact]
    public void Guidance_mixes_the_two_predictions_and_keeps_the_variance_of_the_labeled_one()
    {
        using var scope = NewDisposeScope();
        // Predicts the label itself, and a tenth of it as the variance.
        Prediction network = (x, _, labels) => cat([Spread(x, labels!), Spread(x, labels!) / 10], 1);

        var guide = Guidance.ClassifierFree(network, 3, nullLabel: 10);
        var guided = guide(zeros(2, 1, 2, 2), tensor([5L]), tensor([4L, 6L]));

        Assert.Equal([2, 2, 2, 2], guided.shape);
        Assert.Equal(10 + (3 * (4 - 10)), guided[0, 0].mean().item<float>());
        Assert.Equal(10 + (3 * (6 - 10)), guided[1, 0].mean().item<float>());
        Assert.Equal(0.6f, guided[1, 1].mean().item<float>(), 1e-6);
    }

    [Fact]
    public void Heun_integrates_a_linear_velocity_exactly()
    {
        using var scope = NewDisposeScope();
        // dx/ds = 2s from s = 1 to 0 takes 1 from the state; the trapezoid rule is exact for it.
        Prediction velocity = (x, time, _) => ones_like(x) * (time.item<float>() / 1000 * 2);

        var end = FlowHeun.Sample(velocity, full(1, 1, 2, 2, 5f), 3);

        Assert.Equal(4, end.mean().item<float>(), 1e-5);
    }

    [Fact]
    public void Sampling_a_network_leaves_only_the_images_behind()
    {
        using var model = ModelFamily.Create(SomeModels.UNet, 1);
        var scheduler = NoiseSchedulers.Parse("""{"_class_name": "DPMSolverMultistepScheduler"}""");
        var sampler = new Sampler(scheduler, new SamplerOptions(3, BatchSize: 1));

        using var scope = NewDisposeScope();
        using var images = sampler.Sample(model, 2, Labels(model));

        Assert.Equal([2, 3, 8, 8], images.shape);
        Assert.Equal(1, scope.DisposablesCount);
    }

    private static Tensor? Labels(Denoiser model) => model.Classes > 0 ? zeros(2, int64) : null;

    private static Tensor Spread(Tensor like, Tensor labels) =>
        ones_like(like) * labels.to(float32).reshape(-1, 1, 1, 1);

    private static Tensor Half(Tensor x, Tensor time, Tensor? labels) => x * 0.5;

    private static Tensor Draw(long seed, int count, int batch)
    {
        var sampler = new Sampler(NoiseSchedulers.Parse(Stochastic), new SamplerOptions(5, seed, batch));
        return sampler.Sample(Half, EqualNoise.Start(seed, 0, count, 3, 4, 4));
    }
}
