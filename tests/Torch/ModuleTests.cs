using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Mlops.Tests.Torch;

/// <summary>Registration, state and conversion of modules.</summary>
public sealed class ModuleTests
{
    [Fact]
    public void Fields_are_registered_under_their_names()
    {
        using var net = new Net();

        Assert.Equal(
            [
                "conv.weight", "conv.bias", "norm.weight", "norm.bias", "rest.0.weight", "rest.0.bias",
                "rest.1.weight", "rest.1.bias",
            ],
            net.named_parameters().Select(p => p.name));
        Assert.Equal(["scale"], net.named_buffers().Select(b => b.name));
        Assert.Equal(["conv", "norm", "rest", "rest.0", "rest.1"], net.named_modules().Select(m => m.name));
    }

    [Fact]
    public void State_moves_from_one_module_to_another()
    {
        using var scope = NewDisposeScope();
        using var source = new Net();
        using var target = new Net();

        target.load_state_dict(source.state_dict());

        foreach (var (a, b) in source.parameters().Zip(target.parameters()))
            Assert.True(a.allclose(b));
    }

    [Fact]
    public void A_state_that_does_not_fit_is_refused_with_the_names()
    {
        using var net = new Net();
        var state = net.state_dict();
        state.Remove("conv.bias");
        state["other"] = state["norm.bias"];

        var error = Assert.Throws<InvalidOperationException>(() => net.load_state_dict(state));

        Assert.Contains("conv.bias", error.Message);
        Assert.Contains("other", error.Message);
    }

    [Fact]
    public void A_layer_takes_a_new_weight()
    {
        using var scope = NewDisposeScope();
        using var layer = nn.Linear(3, 2, hasBias: false);

        layer.weight = new Parameter(ones(2, 3));

        Assert.Same(layer.weight, layer.get_parameter("weight"));
        Assert.Equal([6f, 6], layer.call(full([3], 2)).data<float>().ToArray());
    }

    [Fact]
    public void Conversion_keeps_the_parameter_objects()
    {
        using var net = new Net();
        var weight = net.get_parameter("conv.weight");

        net.to(ScalarType.Float64);

        Assert.Same(weight, net.get_parameter("conv.weight"));
        Assert.All(net.parameters(), p => Assert.Equal(ScalarType.Float64, p.dtype));
        Assert.All(net.parameters(), p => Assert.True(p.requires_grad && p.is_leaf));
    }

    [Fact]
    public void Training_mode_reaches_the_submodules_and_cleared_gradients_are_null()
    {
        using var scope = NewDisposeScope();
        using var net = new Net();

        net.eval();
        Assert.All(net.modules(), m => Assert.False(m.training));
        net.call(randn(1, 3, 4, 4)).sum().backward();
        Assert.All(net.parameters(), p => Assert.NotNull(p.grad));
        net.zero_grad();
        Assert.All(net.parameters(), p => Assert.Null(p.grad));
    }

    [Fact]
    public void Clipping_limits_the_joint_norm()
    {
        using var scope = NewDisposeScope();
        var first = new Parameter(zeros(2));
        var second = new Parameter(zeros(1));
        (first.sum() * 3 + second.sum() * 4).backward();

        var before = nn.utils.clip_grad_norm_([first, second], 1);

        Assert.Equal(Math.Sqrt(34), before, 5);
        Assert.Equal(1, Math.Sqrt(2 * Math.Pow((double)first.grad[0], 2) + Math.Pow((double)second.grad[0], 2)), 4);
    }

    [Fact]
    public void Hooks_see_and_may_replace_the_result()
    {
        using var scope = NewDisposeScope();
        using var layer = nn.Linear(2, 2);
        var hook = layer.register_forward_hook((_, _, result) => result * 0);

        var hooked = layer.call(ones(2)).abs().sum().item<float>();
        hook.remove();

        Assert.Equal(0, hooked);
        Assert.NotEqual(0, layer.call(ones(2)).abs().sum().item<float>());
    }

    private sealed class Net : Module<Tensor, Tensor>
    {
        private readonly Conv2d conv = nn.Conv2d(3, 4, 3, padding: 1);
        private readonly GroupNorm norm = nn.GroupNorm(2, 4);
        private readonly ModuleList<Conv2d> rest = nn.ModuleList(nn.Conv2d(4, 4, 1), nn.Conv2d(4, 3, 1));
        private readonly Tensor scale = full([1], 0.5f);

        public Net()
            : base(nameof(Net)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = functional.silu(norm.call(conv.call(input)));
            foreach (var layer in rest)
                x = layer.call(x);
            return (x * scale).MoveToOuterDisposeScope();
        }
    }
}
