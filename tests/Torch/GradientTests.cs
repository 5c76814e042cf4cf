using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Mlops.Tests.Torch;

/// <summary>Gradients against central differences, in double precision.</summary>
public sealed class GradientTests
{
    private const double Step = 1e-5;
    private const double Tolerance = 1e-6;

    public static TheoryData<string, long[][], Func<Tensor[], Tensor>> Functions => new()
    {
        { "conv2d", [[1, 2, 4, 4], [3, 2, 3, 3], [3]], x => F.conv2d(x[0], x[1], x[2], padding: [1, 1]) },
        { "group_norm", [[2, 4, 3], [4], [4]], x => F.group_norm(x[0], 2, x[1], x[2]) },
        { "layer_norm", [[3, 4], [4], [4]], x => F.layer_norm(x[0], [4], x[1], x[2]) },
        { "silu", [[7]], x => F.silu(x[0]) },
        { "attention", [[1, 3, 4], [1, 5, 4], [1, 5, 4]], x => F.scaled_dot_product_attention(x[0], x[1], x[2]) },
        { "linear", [[2, 3], [4, 3], [4]], x => F.linear(x[0], x[1], x[2]) },
        { "nearest", [[1, 2, 3, 3]], x => F.interpolate(x[0], scale_factor: [2, 2]) },
        { "picked by index", [[4, 3]], x => x[0][tensor(new long[] { 2, 2, 0 })].square() },
    };

    [Theory]
    [MemberData(nameof(Functions))]
    public void The_gradient_is_the_slope(string name, long[][] shapes, Func<Tensor[], Tensor> function)
    {
        using var scope = NewDisposeScope();
        var inputs = shapes.Select((shape, i) => Wave(shape, i).requires_grad_()).ToArray();
        var weights = Wave(function(inputs).shape, 9);
        (function(inputs) * weights).sum().backward();
        using var noGrad = no_grad();

        for (var i = 0; i < inputs.Length; i++)
        {
            var analytic = inputs[i].grad.data<double>().ToArray();
            var numeric = Slopes(() => (function(inputs) * weights).sum().item<double>(), inputs[i]);
            Assert.All(analytic.Zip(numeric), pair =>
                Assert.True(Math.Abs(pair.First - pair.Second) < Tolerance, $"{name}, input {i}: {pair}"));
        }
    }

    private static double[] Slopes(Func<double> value, Tensor input)
    {
        var data = input.detach().data<double>();
        return Enumerable.Range(0, (int)input.numel()).Select(k =>
        {
            var middle = data.ToArray()[k];
            data.CopyFrom([middle + Step], 0, k);
            var above = value();
            data.CopyFrom([middle - Step], 0, k);
            var below = value();
            data.CopyFrom([middle], 0, k);
            return (above - below) / (2 * Step);
        }).ToArray();
    }

    private static Tensor Wave(long[] shape, int offset) => PyTorch.Wave(shape, offset).to(float64);
}
