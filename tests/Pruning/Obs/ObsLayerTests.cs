using Mlops.Pruning.Obs;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Obs;

/// <summary>The elimination against closed forms, in float64.</summary>
public sealed class ObsLayerTests : IDisposable
{
    private const int Rows = 7, Columns = 24;
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Generator _random = new(5);

    public void Dispose()
    {
        _random.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData(1, 9)]
    [InlineData(6, 2)]
    public void Kept_columns_are_the_least_squares_solution_and_losses_add_up_to_the_true_one(int size, int removals)
    {
        var (weight, hessian) = (Normal(Rows, Columns), Hessian());
        using var layer = new ObsLayer(weight, hessian);
        var (left, summed) = (Enumerable.Range(0, Columns / size).ToList(), 0.0);
        for (var removal = 0; removal < removals; removal++)
        {
            var losses = layer.Losses(size);
            var cheapest = Array.IndexOf(losses, losses.Min());
            summed += losses[cheapest];
            layer.Remove(cheapest, size);
            left.RemoveAt(cheapest);
        }

        var expected = LeastSquares(weight, hessian, Channels(left, size));
        var lost = Spread(layer.Weight, Channels(left, size)) - weight;

        Assert.InRange(Relative(expected, layer.Weight), 0, 1e-9);
        long[] kept = [.. Channels(left, size).Select(channel => (long)channel)];
        Assert.InRange(Relative(expected, ObsLayer.Compensated(weight, hessian, kept)), 0, 1e-9);
        Assert.Equal(1, summed / Error(lost, hessian), 1e-9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void A_units_loss_is_the_error_that_the_best_weights_without_it_make(int size)
    {
        var (weight, hessian) = (Normal(Rows, Columns), Hessian());
        using var layer = new ObsLayer(weight, hessian);

        var losses = layer.Losses(size);

        Assert.Equal(Columns / size, losses.Length);
        foreach (var unit in Enumerable.Range(0, losses.Length))
        {
            var kept = Channels(Enumerable.Range(0, losses.Length).Where(other => other != unit), size);
            var lost = Spread(LeastSquares(weight, hessian, kept), kept) - weight;
            Assert.Equal(1, losses[unit] / Error(lost, hessian), 1e-9);
        }
    }

    [Fact]
    public void Damping_is_a_share_of_the_mean_diagonal_and_makes_a_singular_hessian_regular()
    {
        var x = Normal(5, Columns);
        var singular = x.t().mm(x);

        var refusal = Assert.Throws<InvalidDataException>(() => ObsLayer.Damped(singular, 0, "to_out"));
        var added = ObsLayer.Damped(singular, 0.01, "to_out") - singular;

        Assert.Contains("'to_out' is singular", refusal.Message);
        var expected = eye(Columns, dtype: float64) * (0.01 * singular.diagonal(0, 0, 1).mean());
        Assert.InRange((expected - added).abs().max().item<double>(), 0, 1e-12);
    }

    [Fact]
    public void Steps_weigh_from_six_fifths_at_the_noisiest_down_to_four_fifths()
    {
        var weights = ObsPruning.Weights(25);

        Assert.Equal((1.2, 0.8), (weights[0], weights[^1]));
        Assert.Equal(weights.OrderDescending(), weights);
        Assert.Equal(25, weights.Distinct().Count());
        Assert.Equal(0.8 + (0.4 * Math.Log(13) / Math.Log(25)), weights[12], 1e-12);
    }

    private Tensor Normal(long rows, long columns) => randn([rows, columns], float64, generator: _random);

    private Tensor Hessian()
    {
        var x = Normal(200, Columns).mm(Normal(Columns, Columns));      // correlated, so that compensation matters
        return x.t().mm(x) * 2;
    }

    private static long[] Channels(IEnumerable<int> units, int size) =>
        [.. units.SelectMany(unit => Enumerable.Range(unit * size, size)).Select(channel => (long)channel)];

    // (W·H)_{:,K}·(H_KK)⁻¹
    private static Tensor LeastSquares(Tensor weight, Tensor hessian, long[] kept)
    {
        var index = tensor(kept);
        var (across, among) = (hessian.index_select(1, index), hessian.index_select(0, index).index_select(1, index));
        return weight.mm(across).mm(linalg.inv(among));
    }

    private static Tensor Spread(Tensor kept, long[] columns) =>
        zeros(Rows, Columns, float64).index_copy_(1, tensor(columns), kept);

    private static double Error(Tensor lost, Tensor hessian) =>
        0.5 * lost.mm(hessian).mm(lost.t()).trace().item<double>();

    private static double Relative(Tensor expected, Tensor actual) =>
        (expected - actual).abs().max().item<double>() / expected.abs().max().item<double>();
}
