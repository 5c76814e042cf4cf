using TorchSharp;
using static TorchSharp.torch;

namespace Mlops.Tests.Torch;

/// <summary>Dispose scopes, grad mode and threads.</summary>
public sealed class ScopeTests
{
    [Fact]
    public void A_scope_frees_its_tensors_but_those_moved_out()
    {
        Tensor inside, moved, detached;
        using (var outer = NewDisposeScope())
        {
            using (var inner = NewDisposeScope())
            {
                inside = ones(2);
                moved = inner.MoveToOuter(ones(2));
                detached = ones(2).DetachFromDisposeScope();
                Assert.Equal(1, inner.DisposablesCount);
            }

            Assert.True(inside.IsInvalid);
            Assert.False(moved.IsInvalid);
            Assert.True(outer.Contains(moved));
        }

        Assert.True(moved.IsInvalid);
        Assert.False(detached.IsInvalid);
        detached.Dispose();
    }

    [Fact]
    public void Everything_but_the_kept_is_freed()
    {
        using var scope = NewDisposeScope();
        var (a, b, c) = (ones(1), ones(1), ones(1));

        scope.DisposeEverythingBut(b);

        Assert.True(a.IsInvalid && c.IsInvalid);
        Assert.Equal([b], scope.DisposablesView);
    }

    [Fact]
    public void Scopes_and_grad_mode_belong_to_their_thread()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();

        var (other, enabled) = ((DisposeScope?)scope, false);
        var thread = new Thread(() => (other, enabled) = (CurrentDisposeScope, is_grad_enabled()));
        thread.Start();
        thread.Join();

        Assert.Null(other);
        Assert.True(enabled);
    }

    [Fact]
    public void Grad_mode_returns_to_what_it_was()
    {
        using var scope = NewDisposeScope();
        var x = ones([2], requires_grad: true);

        using (no_grad())
        {
            Assert.False((x * 2).requires_grad);
            using (enable_grad())
                Assert.True((x * 2).requires_grad);
            Assert.False(is_grad_enabled());
        }

        Assert.True((x * 2).requires_grad);
        Assert.False((x * 2).detach().requires_grad);
    }

    [Fact]
    public void Threads_that_compute_beside_each_other_get_what_one_alone_gets()
    {
        var alone = Enumerable.Range(0, 4).Select(Losses).ToArray();
        var together = new double[4][];

        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => together[i] = Losses(i));

        Assert.Equal(alone, together);
    }

    [Fact]
    public void Gradients_add_up_and_higher_orders_exist()
    {
        using var scope = NewDisposeScope();
        var x = tensor(3.0, requires_grad: true);

        x.pow(3).backward();
        x.pow(3).backward();
        var first = autograd.grad([x.pow(3)], [x], create_graph: true)[0];
        var second = autograd.grad([first], [x])[0];

        Assert.Equal(54, x.grad.item<double>());
        Assert.Equal(18, second.item<double>());
    }

    /// <summary>A short training with collections in between, so that finalizers run beside the native calls.</summary>
    private static double[] Losses(int seed)
    {
        using var scope = NewDisposeScope();
        using var generator = new torch.Generator((ulong)seed);
        var weight = randn([8, 8], generator: generator, dtype: float64).requires_grad_();
        var x = randn([4, 8], generator: generator, dtype: float64);
        return Enumerable.Range(0, 20).Select(step =>
        {
            using var inner = NewDisposeScope();
            var loss = (x.matmul(weight).tanh() - x).square().mean();
            loss.backward();
            if (step % 5 == 0)
                GC.Collect();
            using (no_grad())
                weight.add_(weight.grad, -0.1);
            weight.grad = null;
            return loss.item<double>();
        }).ToArray();
    }
}
