using Mlops.CoFinetuning;
using Mlops.Diffusion;
using Mlops.Diffusion.Models;
using Mlops.Diffusion.Training;
using Mlops.Pruning.Alter;
using Mlops.Tests.Pruning;
using static TorchSharp.torch;

namespace Mlops.Tests.Services.CoFinetuning;

/// <summary>The hypernetwork's gradient is that of L_perf + λ_ratio·L_ratio + λ_bal·L_balance, term by term.</summary>
public sealed class HypernetworkStepTests : IDisposable
{
    private const int Seed = 3, Step = 1;

    private readonly Denoiser _backbone = SomeNetwork.UNet(), _teacher = SomeNetwork.UNet();
    private readonly IDisposable _scope = NewDisposeScope();
    private readonly LayerCosts _costs;
    private readonly AlterNetwork _network;
    private readonly TrainingBatch _batch;

    public HypernetworkStepTests()
    {
        _costs = LayerCosts.Of(_backbone);
        var table = rand([20, 6], generator: new Generator(1));
        // b of one Gumbel variable would leave every gate open, and L_perf without a gradient.
        _network = new AlterNetwork(
            _backbone.Layers.Count, table, new AlterSizes(3, 8, 8, 8, Tau: 0.4, Offset: 0.5), Seed);
        var noisy = randn([4, 3, 16, 16], generator: new Generator(2));
        long[] rows = [0, 7, 12, 19];
        _batch = new(noisy, tensor(rows), rows, noisy.clone());
    }

    public void Dispose()
    {
        _network.Dispose();
        _scope.Dispose();
        _backbone.Dispose();
        _teacher.Dispose();
    }

    [Fact]
    public void Terms_are_added_with_their_weights()
    {
        var alone = Gradient(ratio: 0, balance: 0);

        Close(Sum(alone, Of(Ratio, 5), Of(Balance, 1)), Gradient(ratio: 5, balance: 1));
        Assert.Contains(Of(Ratio, 5), value => Math.Abs(value) > 1e-3);
        Assert.Contains(Of(Balance, 1), value => Math.Abs(value) > 1e-3);
    }

    [Fact]
    public void What_remains_without_them_is_the_loss_of_the_masked_network()
    {
        var weights = new CoFinetuneOptions { Profile = AlterProfile.Paper }.Distillation;

        var performance = Of(
            draw =>
            {
                var gates = draw.Masks.index_select(0, _batch.RowIndex());
                var maps = (Student: new List<Tensor>(), Teacher: new List<Tensor>());
                var student = _backbone.Predict(
                    _batch.Noisy, _batch.Times, null, new LayerControl { Gates = gates, Features = maps.Student });
                var teacher = _teacher.Predict(
                    _batch.Noisy, _batch.Times, null, new LayerControl { Features = maps.Teacher });
                return ((student - _batch.Target).square().mean() * 1e-4) + (student - teacher).square().mean()
                    + stack(maps.Student.Zip(maps.Teacher, (a, b) => (a - b).square().mean())).mean();
            },
            1);

        Assert.Equal((1e-4, 1, 1), (weights.Denoise, weights.Output, weights.Feature));
        Assert.Contains(performance, value => Math.Abs(value) > 1e-4);
        Close(performance, Gradient(ratio: 0, balance: 0));
    }

    private Tensor Ratio(MaskDraw draw) => AlterLosses.Ratio(
        AlterLosses.SoftShare(draw.Masks, tensor(_costs.Shares.Select(share => (float)share).ToArray())),
        _costs.Target(0.65));

    private static Tensor Balance(MaskDraw draw) => AlterLosses.Balance(draw.Route, draw.Probabilities);

    private double[] Gradient(double ratio, double balance)
    {
        var options = new CoFinetuneOptions
        {
            Profile = AlterProfile.Paper, Macs = 0.65, RatioWeight = ratio, BalanceWeight = balance,
        };
        using var step = new HypernetworkStep(_network, _backbone, _teacher, _costs, options, Seed);
        step.Backward(_batch, Step);
        return Taken();
    }

    // The gradient of a weighted loss of the same draw.
    private double[] Of(Func<MaskDraw, Tensor> loss, double weight)
    {
        using var generator = new Generator(Seeds.Of(Seed, "alter-masks", Step));
        _network.zero_grad();
        (loss(_network.Soft(generator)) * weight).backward();
        return Taken();
    }

    private double[] Taken() =>
        [.. _network.parameters().SelectMany(weight => weight.grad is { } grad
            ? grad.to(float64).data<double>().ToArray() : new double[weight.numel()])];

    private static double[] Sum(params double[][] terms) =>
        [.. Enumerable.Range(0, terms[0].Length).Select(index => terms.Sum(term => term[index]))];

    private static void Close(double[] expected, double[] actual)
    {
        var size = expected.Max(Math.Abs);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * size));
    }
}
