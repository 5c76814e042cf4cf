using Mlops.Diffusion.Training;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Training;

public sealed class EmaTests
{
    [Fact]
    public void The_average_follows_slowly_and_survives_a_checkpoint()
    {
        using var scope = NewDisposeScope();
        var weight = zeros(4);
        using var ema = new Ema([("w", weight)], 0.75, warmUp: false);
        weight.add_(1);

        ema.Update();
        var saved = ema.Export();
        using var resumed = new Ema([("w", weight)], 0.75, warmUp: false);
        resumed.Import(saved);
        resumed.Update();

        Assert.Equal(0.25f, saved["w"].mean().item<float>(), 1e-6f);
        Assert.Equal(2, resumed.Updates);
        resumed.CopyToWeights();
        Assert.Equal(0.4375f, weight.mean().item<float>(), 1e-6f);
    }

    [Fact]
    public void With_a_warm_up_the_first_updates_forget_quickly()
    {
        using var scope = NewDisposeScope();
        var weight = zeros(4);
        using var ema = new Ema([("w", weight)], 0.9999, warmUp: true);
        weight.add_(1);

        ema.Update();
        ema.CopyToWeights();

        Assert.Equal(0.9f, weight.mean().item<float>(), 1e-6f);
    }

    [Fact]
    public void A_restart_forgets_the_weights_so_far_and_warms_up_anew()
    {
        using var scope = NewDisposeScope();
        var weight = zeros(4);
        using var ema = new Ema([("w", weight)], 0.9999, warmUp: true);
        weight.add_(1);

        ema.Restart();
        weight.add_(1);
        ema.Update();
        ema.CopyToWeights();

        Assert.Equal(1.9f, weight.mean().item<float>(), 1e-6f);
    }
}
