using Mlops.Diffusion.Models;
using Mlops.Diffusion.Training;
using Mlops.Tests.Diffusion.Models;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Training;

public sealed class EmaTests
{
    [Fact]
    public void The_average_follows_slowly_is_lent_out_and_survives_a_checkpoint()
    {
        using var scope = NewDisposeScope();
        using var model = ModelFamily.Create(SomeModels.UNet, 1);
        var weight = model.named_parameters().First().parameter;
        var start = weight.detach().clone();
        using var ema = new Ema(model, 0.75);
        AddOne(weight);

        ema.Update();
        var lent = 0f;
        ema.WithAverage(() => lent = (weight - start).mean().item<float>());
        var saved = ema.Export();
        using var resumed = new Ema(model, 0.75);
        resumed.Import(saved);
        resumed.Update();

        Assert.Equal(0.25f, lent, 1e-5f);
        Assert.Equal(1f, (weight - start).mean().item<float>(), 1e-5f);
        Assert.Equal(2, resumed.Updates);
        resumed.CopyToModule();
        Assert.Equal(0.4375f, (weight - start).mean().item<float>(), 1e-5f);
    }

    [Fact]
    public void With_a_warm_up_the_first_updates_forget_quickly()
    {
        using var scope = NewDisposeScope();
        using var model = ModelFamily.Create(SomeModels.UNet, 1);
        var weight = model.named_parameters().First().parameter;
        var start = weight.detach().clone();
        using var ema = new Ema(model, 0.9999, warmUp: true);
        AddOne(weight);

        ema.Update();
        ema.CopyToModule();

        Assert.Equal(0.9f, (weight - start).mean().item<float>(), 1e-5f);
    }

    private static void AddOne(Tensor weight)
    {
        using var noGrad = no_grad();
        weight.add_(1);
    }
}
