using Mlops.Pruning.Importance;
using static TorchSharp.torch;

namespace Mlops.Tests.Pruning.Importance;

public sealed class ZeroShotScoresTests
{
    [Fact]
    public void The_tangent_kernel_of_a_linear_layer_is_its_width_times_the_inputs_products()
    {
        using var scope = NewDisposeScope();
        var layer = nn.Linear(3, 2);
        var x = tensor(new float[,] { { 1, 0, 0 }, { 1, 2, 0 } });

        var kappa = NtkCondition.Of(layer, 2, sample => layer.call(x[sample]));

        // 2·X·Xᵀ = 2·[[1, 1], [1, 5]], the bias left out; its eigenvalues are 2·(3 ± √5).
        Assert.Equal((3 + Math.Sqrt(5)) / (3 - Math.Sqrt(5)), kappa, 1e-5);
        Assert.Null(layer.weight.grad);
    }

    [Fact]
    public void The_tangent_kernel_of_two_linear_layers_is_the_sum_of_theirs()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var (first, second) = (nn.Linear(4, 5, false), nn.Linear(5, 3, false));
        var network = nn.Sequential(("first", first), ("second", second));
        var x = randn(3, 4);

        var kappa = NtkCondition.Of(network, 3, sample => network.call(x[sample]));

        // y = A·B·x: dB = (Aᵀ·1)·xᵀ and dA = 1·(B·x)ᵀ.
        var hidden = first.call(x);
        var gram = x.matmul(x.t()) * second.weight.sum([0L]).square().sum() + hidden.matmul(hidden.t()) * 3;
        var eigenvalues = linalg.eigvalsh(gram.detach().to(float64)).data<double>().ToArray();
        Assert.Equal(1, kappa / (eigenvalues[^1] / eigenvalues[0]), 1e-3);
    }

    [Fact]
    public void A_singular_tangent_kernel_has_the_largest_condition_number_there_is()
    {
        using var scope = NewDisposeScope();
        var layer = nn.Linear(3, 2);

        Assert.Equal(1e7, NtkCondition.Of(layer, 2, _ => layer.call(ones(3))), 1);
        Assert.Equal(1e7, NtkCondition.Of(layer, 2, _ => layer.call(zeros(3))), 1);
    }

    [Fact]
    public void Zico_adds_the_logarithms_of_layers_and_leaves_out_weights_whose_gradient_does_not_vary()
    {
        using var scope = NewDisposeScope();
        var (varies, also, constant) = (nn.Linear(3, 1, false), nn.Linear(2, 1), nn.Linear(2, 1));
        var network = nn.Sequential(("varies", varies), ("also", also), ("constant", constant));
        var x = tensor(new float[,] { { 1, 1, -3 }, { 3, -1, -3 } });

        var score = ZicoScore.Of(network, 2, batch =>
            varies.call(x[batch]).sum() + also.call(ones(2) * (batch + 1)).sum() + constant.call(ones(2)).sum());

        // Gradients of the first are x: mean/std are 2/1, 1/1 and left out; of the second 1.5/0.5, twice.
        Assert.Equal(Math.Log(2 + 1) + Math.Log(3 + 3), score, 1e-9);
        Assert.Null(varies.weight.grad);
    }

    [Fact]
    public void The_least_sum_of_ranks_wins_and_of_equals_the_smallest_network()
    {
        Assert.Equal([4, 4, 4], ZeroShotRanking.Sums([3, 2, 1], [9, 8, 7]));
        Assert.Equal(2, ZeroShotRanking.Best([4, 4, 4]));
        Assert.Equal(1, ZeroShotRanking.Best(ZeroShotRanking.Sums([5, 1, 9], [1, 3, 2])));
        Assert.Equal([2, 2, 6], ZeroShotRanking.Sums([1, 1, 2], [5, 5, 4]));
    }
}
