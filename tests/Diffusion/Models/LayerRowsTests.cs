using Mlops.Diffusion.Models;
using Mlops.Tests.Pruning;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlops.Tests.Diffusion.Models;

/// <summary>One pass in which layers run for some samples of the batch only.</summary>
public sealed class LayerRowsTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData("unet", false)]
    [InlineData("unet", true)]
    [InlineData("dit", false)]
    [InlineData("dit", true)]
    public void It_answers_and_learns_as_the_samples_one_by_one_do(string family, bool routed)
    {
        using var network = family == "unet" ? SomeNetwork.UNet() : SomeNetwork.DiT();
        var (sample, timestep, labels) = SomeNetwork.Question(network);
        var layers = network.Layers.Count;
        // The first layer runs for all samples, the second for none, the others here and there.
        bool Runs(int layer, int row) => layer == 0 || (layer > 1 && (layer + row) % 3 != 0);
        long[]?[] rows = [.. Enumerable.Range(0, layers).Select(layer => layer == 0 ? null
            : Enumerable.Range(0, 3).Where(row => Runs(layer, row)).Select(row => (long)row).ToArray())];
        if (routed)
            network.Routing = new LayerRouting(
                [[.. Enumerable.Repeat(true, layers)], [.. Enumerable.Range(0, layers).Select(layer => layer != 2)]],
                [.. Enumerable.Range(0, 20).Select(t => t < 10 ? 0 : 1)]);

        var answer = network.Predict(sample, timestep, labels, new LayerControl { Rows = rows });
        var learned = Gradient(network, answer);
        var alone = cat([.. Enumerable.Range(0, 3).Select(row => network.Predict(
            sample.narrow(0, row, 1), timestep.narrow(0, row, 1), labels?.narrow(0, row, 1),
            new LayerControl { Run = [.. Enumerable.Range(0, layers).Select(layer => Runs(layer, row))] }))], 0);
        var expected = Gradient(network, alone);

        Assert.InRange(SomeNetwork.Distance(alone, answer), 0, 1e-5);
        Assert.InRange(SomeNetwork.Distance(expected, learned), 0, 1e-4);
    }

    private static Tensor Gradient(Denoiser network, Tensor answer)
    {
        network.zero_grad();
        answer.square().sum().backward();
        return cat([.. network.parameters().Select(weight => (weight.grad ?? zeros_like(weight)).flatten().clone())]);
    }
}
