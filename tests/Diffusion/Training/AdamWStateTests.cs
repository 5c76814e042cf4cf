using Mlops.Diffusion.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Training;

public sealed class AdamWStateTests
{
    [Fact]
    public void The_first_step_has_its_closed_form()
    {
        using var scope = NewDisposeScope();
        var p = Weight(2, -1);
        using var optimizer = optim.AdamW([p], 0.1, weight_decay: 0.5);

        (p * tensor([3f, -4f], float32)).sum().backward();
        optimizer.step();

        // m/(1−β1) = g and √(v/(1−β2)) = |g|, so the step is lr·sign(g) after the decay by 1 − lr·λ.
        Assert.Equal((2 * 0.95) - 0.1, p[0].item<float>(), 1e-6);
        Assert.Equal((-1 * 0.95) + 0.1, p[1].item<float>(), 1e-6);
    }

    [Fact]
    public void A_parameter_without_gradient_is_left_alone()
    {
        using var scope = NewDisposeScope();
        Parameter used = Weight(1, 1, 1), idle = Weight(1, 1, 1);
        using var optimizer = optim.AdamW([used, idle], 0.1, weight_decay: 0.01);

        used.square().sum().backward();
        optimizer.step();
        var saved = AdamWState.Export(optimizer, ["used", "idle"]);

        Assert.Equal([1f, 1, 1], idle.data<float>().ToArray());
        Assert.NotEqual(1f, used[0].item<float>());
        Assert.DoesNotContain(saved.Keys, key => key.StartsWith("idle", StringComparison.Ordinal));
    }

    [Fact]
    public void A_resumed_run_continues_bit_for_bit()
    {
        using var scope = NewDisposeScope();
        var straight = Weight(1, -2, 0.5f);
        using var whole = optim.AdamW([straight], 0.05);
        Train(straight, whole, 0, 7);

        var half = Weight(1, -2, 0.5f);
        using var first = optim.AdamW([half], 0.05);
        Train(half, first, 0, 3);
        using var second = optim.AdamW([half], 0.05);
        AdamWState.Import(second, ["p"], AdamWState.Export(first, ["p"]));
        Train(half, second, 3, 7);

        Assert.Equal(straight.data<float>().ToArray(), half.data<float>().ToArray());
    }

    [Fact]
    public void A_state_of_another_model_is_refused()
    {
        using var scope = NewDisposeScope();
        using var optimizer = optim.AdamW([Weight(1, -2, 0.5f)]);
        var state = new Dictionary<string, Tensor> { ["p.step"] = tensor([1L], int64), ["p.exp_avg"] = zeros(2) };

        var error = Assert.Throws<InvalidDataException>(() => AdamWState.Import(optimizer, ["p"], state));

        Assert.Contains("p.exp_avg", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Clipping_scales_all_gradients_by_their_common_norm()
    {
        using var scope = NewDisposeScope();
        Parameter a = Weight(1), b = Weight(1), idle = Weight(1);
        ((a * 3) + (b * 4)).sum().backward();

        var before = nn.utils.clip_grad_norm_([a, b, idle], 1);
        var after = nn.utils.clip_grad_norm_([a, b, idle], 1);

        Assert.Equal(5, before, 1e-5);
        Assert.Equal(1, after, 1e-5);
        Assert.Equal(0.6, a.grad!.item<float>(), 1e-5);
    }

    [Fact]
    public void Clipping_reports_a_gradient_that_is_not_finite()
    {
        using var scope = NewDisposeScope();
        var a = Weight(0);
        a.log().sum().backward();

        Assert.False(double.IsFinite(nn.utils.clip_grad_norm_([a], 1)));
    }

    private static Parameter Weight(params float[] values) => new(tensor(values, float32));

    private static void Train(Parameter p, AdamW optimizer, int from, int to)
    {
        for (var step = from; step < to; step++)
        {
            optimizer.zero_grad();
            using var loss = ((p - step) * p).square().sum();
            loss.backward();
            optimizer.step();
        }
    }
}
