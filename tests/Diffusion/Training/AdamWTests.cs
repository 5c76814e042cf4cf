using Mlops.Diffusion.Training;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Training;

public sealed class AdamWTests
{
    [Fact]
    public void The_first_step_has_its_closed_form()
    {
        using var scope = NewDisposeScope();
        var p = tensor([2f, -1f], float32).requires_grad_();
        using var optimizer = new AdamW([("p", p)], new AdamWOptions(0.1, WeightDecay: 0.5));

        (p * tensor([3f, -4f], float32)).sum().backward();
        optimizer.Step();

        // m/(1−β1) = g and √(v/(1−β2)) = |g|, so the step is lr·sign(g) after the decay by 1 − lr·λ.
        Assert.Equal((2 * 0.95) - 0.1, p[0].item<float>(), 1e-6);
        Assert.Equal((-1 * 0.95) + 0.1, p[1].item<float>(), 1e-6);
    }

    [Fact]
    public void A_parameter_without_gradient_is_left_alone()
    {
        using var scope = NewDisposeScope();
        Tensor used = ones(3).requires_grad_(), idle = ones(3).requires_grad_();
        using var optimizer = new AdamW([("used", used), ("idle", idle)], new AdamWOptions(0.1));

        used.square().sum().backward();
        optimizer.Step();
        var saved = optimizer.Export();

        Assert.Equal([1f, 1, 1], idle.data<float>().ToArray());
        Assert.NotEqual(1f, used[0].item<float>());
        Assert.DoesNotContain(saved.Keys, key => key.StartsWith("idle", StringComparison.Ordinal));
        foreach (var tensor in saved.Values)
            tensor.Dispose();
    }

    [Fact]
    public void A_resumed_run_continues_bit_for_bit()
    {
        using var scope = NewDisposeScope();
        var straight = Start();
        using var whole = new AdamW([("p", straight)], new AdamWOptions(0.05));
        Train(straight, whole, 0, 7);

        var half = Start();
        using var first = new AdamW([("p", half)], new AdamWOptions(0.05));
        Train(half, first, 0, 3);
        using var second = new AdamW([("p", half)], new AdamWOptions(0.05));
        second.Import(first.Export());
        Train(half, second, 3, 7);

        Assert.Equal(straight.data<float>().ToArray(), half.data<float>().ToArray());
    }

    [Fact]
    public void A_state_of_another_model_is_refused()
    {
        using var scope = NewDisposeScope();
        using var optimizer = new AdamW([("p", Start())], new AdamWOptions());
        var state = new Dictionary<string, Tensor> { ["p.step"] = tensor([1L], int64), ["p.exp_avg"] = zeros(2) };

        var error = Assert.Throws<InvalidDataException>(() => optimizer.Import(state));

        Assert.Contains("p.exp_avg", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Impossible_settings_are_refused() =>
        Assert.Throws<ArgumentException>(() => new AdamW([], new AdamWOptions(Beta1: 1)));

    [Fact]
    public void Clipping_scales_all_gradients_by_their_common_norm()
    {
        using var scope = NewDisposeScope();
        Tensor a = ones(1).requires_grad_(), b = ones(1).requires_grad_(), idle = ones(1).requires_grad_();
        ((a * 3) + (b * 4)).sum().backward();

        var before = Gradients.ClipNorm([a, b, idle], 1);
        var after = Gradients.ClipNorm([a, b, idle], 1);

        Assert.Equal(5, before, 5);
        Assert.Equal(1, after, 5);
        Assert.Equal(0.6, a.grad!.item<float>(), 5);
    }

    [Fact]
    public void Clipping_reports_a_gradient_that_is_not_finite()
    {
        using var scope = NewDisposeScope();
        var a = zeros(1).requires_grad_();
        a.log().sum().backward();

        Assert.False(double.IsFinite(Gradients.ClipNorm([a], 1)));
    }

    private static Tensor Start() => tensor([1f, -2f, 0.5f], float32).requires_grad_();

    private static void Train(Tensor p, AdamW optimizer, int from, int to)
    {
        for (var step = from; step < to; step++)
        {
            optimizer.ClearGradients();
            using var loss = ((p - step) * p).square().sum();
            loss.backward();
            optimizer.Step();
        }
    }
}
