using Mlops.Diffusion.Training;
using Mlops.Pruning.Alter;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Alter;

/// <summary>The changes that let short windows decide: each against a closed form or many draws.</summary>
public sealed class DecidedMasksTests
{
    private const int Layers = 9, Times = 200;

    [Fact]
    public void An_affine_router_gives_every_expert_at_most_one_interval()
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var router = new AffineRouter(5, Times, CPU);
        // A timestep on a border may go either way.
        Assert.All(Table(router).Coverage(), share => Assert.Equal(0.2, share, 0.0051));
        using var generator = new Generator(3);
        for (var round = 0; round < 20; round++)
        {
            foreach (var weight in router.parameters())
                weight.add_(randn(weight.shape, generator: generator) * 20);

            var table = Table(router);

            Assert.Equal(table.Route.Distinct().Count(), table.Segments());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_expected_share_is_the_mean_of_many_hard_tables(bool logistic)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var network = Network(logistic);
        using var generator = new Generator(4);
        foreach (var weight in network.parameters())
            weight.add_(randn(weight.shape, generator: generator) * 0.1);
        var costs = new LayerCosts([.. Enumerable.Range(1, Layers).Select(layer => 10L * layer)], 500);
        var shares = tensor(costs.Shares.Select(share => (float)share).ToArray());

        var expected = costs.SmallestRatio + AlterLosses.ExpectedShare(network, shares).item<float>();
        var drawn = Enumerable.Range(0, 3000).Average(_ => network.Hard(generator).KeptRatio(costs));

        Assert.InRange(expected, 0.2, 0.98);
        Assert.Equal(expected, drawn, 0.01);
    }

    [Fact]
    public void The_squared_ratio_is_flat_on_target()
    {
        using var scope = NewDisposeScope();
        var share = tensor(0.4f, requires_grad: true);

        var loss = AlterLosses.SquaredRatio(share, 0.4);
        loss.backward();

        Assert.Equal(0, loss.item<float>(), 1e-12);
        Assert.Equal(0, share.grad!.item<float>(), 1e-5);
        Assert.Equal(
            2 * Math.Log(2) * Math.Log(2), AlterLosses.SquaredRatio(tensor(0.8f), 0.4).item<float>(), 1e-5);
    }

    [Fact]
    public void Logistic_gates_keep_with_the_probability_of_their_sigmoid()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var noise = Gumbel.GateNoise([100_000], generator, CPU, logistic: true);

        foreach (var logit in (double[])[-2, 0, 1])
            Assert.Equal(
                1 / (1 + Math.Exp(-logit)), (noise + logit).ge(0).to_type(ScalarType.Float32).mean().item<float>(),
                0.01);
    }

    [Fact]
    public void A_fresh_network_of_direct_gates_runs_every_layer_and_learns()
    {
        using var scope = NewDisposeScope();
        using var network = Network(logistic: true);
        using var generator = new Generator(6);

        Assert.All(network.Hard().Experts, mask => Assert.DoesNotContain(false, mask));
        (network.Soft(generator, straightThrough: true).Masks * rand([Times, Layers])).sum().backward();
        Assert.All(
            network.named_parameters(),
            entry => Assert.True(entry.parameter.grad is { } grad && grad.abs().sum().item<float>() > 0, entry.name));
    }

    [Theory]
    [InlineData(2, 70)]
    [InlineData(4)]
    [InlineData(4, 70)]
    [InlineData(4, 3, 199)]
    [InlineData(4, 60, 110)]
    [InlineData(4, 50, 100, 150)]
    [InlineData(6, 20, 25, 30, 120)]
    public void A_schedule_of_intervals_is_where_decided_masks_start(int experts, params int[] borders)
    {
        bool[] sparse = [true, false, true, true, true, false, true, true, true], dense = [.. sparse.Select(_ => true)];
        // The first mask returns behind every second border.
        var schedule = new HardTable(
            [sparse, dense], [.. Enumerable.Range(0, Times).Select(t => borders.Count(border => t >= border) % 2)]);
        using var network = Network(logistic: true, experts: experts);

        ScheduleStart.Imitate(network, schedule);

        Assert.Equal(0, network.Hard().FlipRate(schedule));
        Assert.Equal(experts, network.Hard().Segments());
        Assert.Equal(borders.Length + 1, ScheduleStart.Experts(RouterKind.Affine, schedule));
    }

    [Fact]
    public void More_intervals_than_experts_are_refused()
    {
        var schedule = new HardTable([[true], [false]], [.. Enumerable.Range(0, Times).Select(t => t / 20 % 2)]);

        var refused = Assert.Throws<InvalidDataException>(() => schedule.Intervals(9));

        Assert.Contains("has 10 intervals", refused.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => schedule.Intervals(Times + 1));
    }

    [Fact]
    public void A_table_says_how_it_routes()
    {
        var one = new HardTable([[true, true], [true, false], [false, true]], [0, 0, 1, 1, 0, 0, 0, 0]);
        var two = new HardTable([[true, true], [false, false], [false, true]], [0, 0, 1, 1, 1, 0, 0, 0]);

        Assert.Equal([0.75, 0.25, 0], one.Coverage());
        Assert.Equal(3, one.Segments());
        Assert.Equal([new MaskDistance(0, 1, 0.5)], one.Hamming());
        Assert.Equal((1 / 8.0, 1 / 6.0), (one.RouteFlips(two), one.GateFlips(two)));
        Assert.Empty(new HardTable([[true]], [0, 0]).Hamming());
    }

    [Fact]
    public void A_rate_that_is_held_falls_afterwards()
    {
        var rate = new LearningRate(1, WarmUp: 2, Total: 20, Cosine: true, Floor: 0.1, Hold: 10);

        Assert.Equal([0.5, 1, 1, 1], new[] { 0L, 1, 5, 10 }.Select(rate.At));
        Assert.Equal(0.55, rate.At(15), 1e-12);
        Assert.Equal(0.1, rate.At(20), 1e-12);
    }

    private static HardTable Table(AffineRouter router) =>
        HardTable.Threshold(new float[5], [.. router.Logits().data<float>()], 5, 0);

    private static AlterNetwork Network(bool logistic, int experts = 3)
    {
        using var scope = NewDisposeScope();
        var sizes = new AlterSizes(
            experts, Offset: logistic ? 2 : 0.5, Router: RouterKind.Affine, DirectGates: true, LogisticNoise: logistic);
        return new AlterNetwork(Layers, zeros(Times, 4), sizes, seed: 1);
    }
}
