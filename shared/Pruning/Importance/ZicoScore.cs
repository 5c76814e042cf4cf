using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Pruning.Importance;

/// <summary>
/// ZiCo (Li et al. 2023, equation 7, public code): over linear and convolutional layers the sum of
/// ln Σ_w E|g_w| / std(g_w), mean and standard deviation over batches. High is trainable. Weights whose gradient does
/// not vary are left out, and so are layers that have no other.
/// </summary>
public static class ZicoScore
{
    /// <summary>The score. Holds one gradient of the network per batch; the network's own gradients are cleared before
    /// and after.</summary>
    /// <param name="batches">At least 2.</param>
    /// <param name="loss">From the number of a batch to the scalar training loss.</param>
    public static double Of(nn.Module network, int batches, Func<int, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        var gradients = Enumerable.Range(0, batches).Select(batch =>
        {
            using var pass = NewDisposeScope();
            network.zero_grad();
            loss(batch).backward();
            return Gradients(network).ToDictionary(
                gradient => gradient.Name, gradient => pass.MoveToOuter(gradient.Value.detach()));
        }).ToArray();
        network.zero_grad();
        return gradients[0].Keys.Sum(name => Layer(gradients.Select(batch => batch[name])));
    }

    private static IEnumerable<(string Name, Tensor Value)> Gradients(nn.Module network) =>
        from named in network.named_modules()
        let weight = named.module switch
        {
            Linear layer => layer.weight,
            Convolution layer => layer.weight,
            _ => null,
        }
        where weight?.grad is not null
        select (named.name, weight.grad);

    private static double Layer(IEnumerable<Tensor> gradients)
    {
        using var scope = NewDisposeScope();
        var g = stack(gradients).to(float64);       // [batches, …]
        var deviation = g.std(0, unbiased: false);
        var sum = (g.abs().mean([0L]) / deviation).masked_select(deviation > 0).sum().item<double>();
        return sum > 0 ? Math.Log(sum) : 0;
    }
}
