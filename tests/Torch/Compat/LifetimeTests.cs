using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mlops.Tests.Torch.Compat;

/// <summary>Native handles are counted while nothing else runs.</summary>
[Collection(nameof(Alone))]
public sealed class LifetimeTests
{
    [Fact]
    public void Training_steps_leave_no_handle_behind()
    {
        using var weight = randn([4, 3, 3, 3], requires_grad: true);
        using var scale = ones([4], requires_grad: true);
        using var x = randn(2, 3, 8, 8);
        using var y = randn(2, 4, 8, 8);

        Step(weight, scale, x, y);
        var before = Settled();
        for (var step = 0; step < 200; step++)
            Step(weight, scale, x, y);

        Assert.Equal(before, Settled());
    }

    [Fact]
    public void Finalizers_free_what_nobody_disposed()
    {
        var before = Settled();

        MakeGarbage();

        Assert.Equal(before, Settled());
    }

    [Fact]
    public void A_failed_call_leaves_no_handle_behind()
    {
        using var x = ones(2, 3);
        var before = Settled();

        for (var i = 0; i < 10; i++)
            Assert.ThrowsAny<Exception>(() => x.matmul(x));

        Assert.Equal(before, Settled());
    }

    private static void Step(Tensor weight, Tensor scale, Tensor x, Tensor y)
    {
        using var scope = NewDisposeScope();
        var loss = F.mse_loss(F.silu(F.group_norm(F.conv2d(x, weight, padding: [1, 1]), 2, scale)), y);
        loss.backward();
        using var noGrad = no_grad();
        weight.add_(weight.grad, -0.1);
        scale.add_(scale.grad, -0.1);
        weight.grad = null;
        scale.grad = null;
    }

    private static void MakeGarbage()
    {
        for (var i = 0; i < 100; i++)
            _ = ones(3) + i;
    }

    private static long Settled()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return Native.tl_live_handles();
    }
}

/// <summary>Tests that count process-wide things run by themselves.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
