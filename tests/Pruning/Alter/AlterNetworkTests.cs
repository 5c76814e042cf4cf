using Mlops.Pruning.Alter;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Alter;

public sealed class AlterNetworkTests
{
    private const int Layers = 14;

    private static readonly AlterSizes Sizes = new(4, 16, 32, 16);

    [Fact]
    public void A_fresh_hypernetwork_runs_every_layer()
    {
        using var network = Network(1);
        using var generator = new Generator(2);

        Assert.All(network.Hard().Experts, mask => Assert.DoesNotContain(false, mask));
        Assert.All(network.Hard(generator).Experts, mask => Assert.DoesNotContain(false, mask));
    }

    [Fact]
    public void The_ratio_loss_starts_at_the_logarithm_of_the_inverse_ratio()
    {
        using var scope = NewDisposeScope();
        using var network = Network(1);
        using var generator = new Generator(3);
        var costs = new LayerCosts([.. Enumerable.Repeat(50L, Layers)], 1000);
        var shares = tensor(costs.Shares.Select(share => (float)share).ToArray());
        var target = costs.Target(0.65);

        var loss = AlterLosses.Ratio(AlterLosses.SoftShare(network.Soft(generator).Masks, shares), target);

        Assert.Equal(Math.Log(costs.PrunableShare / target), loss.item<float>(), 0.03);
    }

    [Fact]
    public void Balance_is_near_one_in_a_fresh_hypernetwork()
    {
        for (var seed = 0; seed < 6; seed++)
        {
            using var scope = NewDisposeScope();
            using var network = Network(seed);
            using var generator = new Generator(4);
            var draw = network.Soft(generator);

            Assert.InRange(AlterLosses.Balance(draw.Route, draw.Probabilities).item<float>(), 0.9f, 1.35f);
        }
    }

    [Fact]
    public void Balance_is_one_when_even_and_the_number_of_experts_when_collapsed()
    {
        using var scope = NewDisposeScope();
        var even = eye(4).repeat(25, 1); // [100, 4]
        var collapsed = zeros(100, 4);
        collapsed.narrow(1, 2, 1).fill_(1);

        Assert.Equal(1, AlterLosses.Balance(even, even).item<float>(), 1e-5);
        Assert.Equal(4, AlterLosses.Balance(collapsed, collapsed).item<float>(), 1e-5);
    }

    [Fact]
    public void The_ratio_loss_is_zero_on_target_and_equal_for_twice_and_half_of_it()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(0, AlterLosses.Ratio(tensor(0.4f), 0.4).item<float>(), 1e-6);
        Assert.Equal(Math.Log(2), AlterLosses.Ratio(tensor(0.8f), 0.4).item<float>(), 1e-5);
        Assert.Equal(Math.Log(2), AlterLosses.Ratio(tensor(0.2f), 0.4).item<float>(), 1e-5);
    }

    [Theory]
    [InlineData(-4, 0.632)]
    [InlineData(-5, 0.308)]
    [InlineData(-4.3665, 0.5)]
    public void One_gumbel_variable_keeps_a_gate_with_the_known_probability(double logit, double expected)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var noise = Gumbel.Noise([100_000], generator, CPU);

        var kept = Gumbel.Gate(zeros_like(noise) + logit, noise, 4, 0.4).ge(0.5).to_type(ScalarType.Float32).mean();

        Assert.Equal(expected, kept.item<float>(), 0.01);
    }

    [Theory]
    [InlineData(0.4, 0.9241)]   // σ((1 + 0.5 − 4.5 + 4)/0.4) = σ(2.5)
    [InlineData(1.0, 0.7311)]
    public void A_gate_and_a_choice_are_divided_by_the_temperature(double tau, double gate)
    {
        using var scope = NewDisposeScope();
        var (logit, noise) = (tensor(1f), tensor(-4.5f + 0.5f));

        Assert.Equal(gate, Gumbel.Gate(logit, noise, 4, tau).item<float>(), 1e-4);
        // Two choices that differ by 1: the same sigmoid.
        Assert.Equal(
            gate, Gumbel.Choice(tensor(new[] { 1.5f, 1f }), tensor(new[] { 0.5f, 0f }), tau)[0].item<float>(), 1e-4);
    }

    [Fact]
    public void Soft_masks_are_the_route_times_the_gates()
    {
        using var scope = NewDisposeScope();
        using var network = Network(1);
        Shift(network, -8);
        var draw = network.Soft(new Generator(11));
        // The same noise again: gates first, then routes.
        var again = new Generator(11);
        var noise = Gumbel.GateNoise([4, Layers], again, CPU, logistic: false);
        var gates = ((network.ExpertLogits() + noise + 4) / 0.4).sigmoid();
        var route = ((network.RouterLogits() + Gumbel.Noise([200, 4], again, CPU)) / 0.4).softmax(-1);

        Assert.Equal(0, (route.matmul(gates) - draw.Masks).abs().max().item<float>(), 1e-6);
        Assert.True(draw.Masks.min().item<float>() < draw.Masks.max().item<float>() - 0.1);
    }

    [Fact]
    public void Generator_and_router_are_the_published_layers()
    {
        using var scope = NewDisposeScope();
        using var network = Network(5);
        var weights = network.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        var buffers = network.named_buffers().ToDictionary(entry => entry.name, entry => entry.buffer);
        var z = buffers["experts.embedding"];

        // LN, Linear, LN, ReLU, Linear without bias; and without the first LN for routes.
        var gates = Norm(Linear(Norm(z, "experts.norm_in"), "experts.hidden"), "experts.norm_hidden").relu()
            .matmul(weights["experts.head.weight"].t()).squeeze(-1);
        var routes = Norm(Linear(buffers["router.table"], "router.hidden"), "router.norm").relu()
            .matmul(weights["router.head.weight"].t());

        Assert.Equal(0, (gates - network.ExpertLogits()).abs().max().item<float>(), 1e-5);
        Assert.Equal(0, (routes - network.RouterLogits()).abs().max().item<float>(), 1e-5);
        var flat = z.reshape(4, -1);
        Assert.Equal(0, (flat.matmul(flat.t()) - eye(4)).abs().max().item<float>(), 1e-5);

        Tensor Linear(Tensor x, string name) => x.matmul(weights[$"{name}.weight"].t()) + weights[$"{name}.bias"];

        Tensor Norm(Tensor x, string name)
        {
            var centered = x - x.mean([-1L], keepdim: true);
            var size = (centered.square().mean([-1L], keepdim: true) + 1e-5).sqrt();
            return (centered / size * weights[$"{name}.weight"]) + weights[$"{name}.bias"];
        }
    }

    [Fact]
    public void Straight_through_masks_are_zeros_and_ones_with_a_soft_gradient()
    {
        using var scope = NewDisposeScope();
        using var network = Network(1);
        using var generator = new Generator(6);

        var draw = network.Soft(generator, straightThrough: true);
        draw.Masks.sum().backward();

        Assert.Equal(0, (draw.Masks - draw.Masks.round()).abs().max().item<float>(), 1e-5);
        Assert.Contains(network.parameters(), weight => weight.grad is { } grad && grad.abs().sum().item<float>() > 0);
    }

    [Fact]
    public void Every_weight_of_the_hypernetwork_receives_a_gradient()
    {
        using var scope = NewDisposeScope();
        using var network = Network(1);
        using var generator = new Generator(7);
        // A single draw may saturate every gate; a loss that weighs layers and times unevenly reaches all weights.
        var weights = rand([200, Layers], generator: generator);
        Shift(network, -4);

        (network.Soft(generator).Masks * weights).sum().backward();

        Assert.All(network.named_parameters(),
            entry => Assert.True(entry.parameter.grad is { } grad && grad.abs().sum().item<float>() > 0, entry.name));
    }

    [Fact]
    public void The_ratio_loss_alone_brings_the_soft_share_to_its_target()
    {
        using var network = Network(1);
        using var optimizer = optim.Adam(network.parameters(), 5e-3);
        using var scope = NewDisposeScope();
        var shares = ones(Layers) * 0.05;
        var drawn = new List<double>();
        for (var step = 0; step < 80; step++)
        {
            using var inner = NewDisposeScope();
            using var generator = new Generator((ulong)step);
            network.zero_grad();
            var share = AlterLosses.SoftShare(network.Soft(generator).Masks, shares);
            AlterLosses.Ratio(share, 0.35).backward();
            optimizer.step();
            drawn.Add(share.item<float>());
        }

        // One draw is noisy; their mean is what the loss moves.
        Assert.InRange(drawn.TakeLast(20).Average(), 0.31, 0.39);
    }

    [Fact]
    public void Equal_seeds_give_equal_masks_and_other_seeds_others()
    {
        Assert.Equal(Draw(1), Draw(1));
        Assert.NotEqual(Draw(1), Draw(2));

        static float[] Draw(long seed)
        {
            using var scope = NewDisposeScope();
            using var network = Network(seed);
            using var generator = new Generator(9);
            return network.Soft(generator).Masks.data<float>().ToArray();
        }
    }

    [Fact]
    public void A_schedule_start_reproduces_the_schedule()
    {
        var random = new Random(0);
        bool[][] masks = [.. Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, Layers)
            .Select(_ => random.Next(3) > 0).ToArray())];
        var schedule = new HardTable(masks, [.. Enumerable.Range(0, 200).Select(t => t / 67)]);
        using var network = Network(1);

        ScheduleStart.Imitate(network, schedule);

        // The router is smooth in t: a few timesteps at the two borders may go to the neighbor.
        Assert.InRange(network.Hard().FlipRate(schedule), 0, 0.03);
    }

    [Fact]
    public void A_schedule_with_more_variants_than_experts_is_refused()
    {
        var schedule = new HardTable([.. Enumerable.Repeat(new bool[Layers], 5)], new int[200]);
        using var network = Network(1);

        var error = Assert.Throws<InvalidDataException>(() => ScheduleStart.Imitate(network, schedule));

        Assert.Contains("experts", error.Message, StringComparison.Ordinal);
    }

    private static AlterNetwork Network(long seed)
    {
        using var scope = NewDisposeScope();
        var phase = arange(200, ScalarType.Float32).unsqueeze(1) * (arange(8, ScalarType.Float32) * -0.6).exp();
        return new AlterNetwork(Layers, cat([phase.sin(), phase.cos()], 1), Sizes, seed); // [200, 16]
    }

    // Moves every gate to the middle of the sigmoid, where its slope is not lost to saturation.
    private static void Shift(AlterNetwork network, double by)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var logits = network.ExpertLogits();
        var head = network.named_parameters().Single(entry => entry.name == "experts.head.weight").parameter;
        var hidden = network.named_parameters().Single(entry => entry.name == "experts.norm_hidden.bias").parameter;
        hidden.add_(head.squeeze(0) / head.square().sum() * (by - logits.mean()));
    }
}
