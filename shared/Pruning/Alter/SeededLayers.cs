using Mlops.Diffusion.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Pruning.Alter;

/// <summary>Initial weights of the hypernetwork, from seeds of their own instead of the global generator; drawn on the
/// CPU, so that they are the same on every device.</summary>
internal static class SeededLayers
{
    /// <summary>A linear layer with torch's usual start U(−1/√inputs, 1/√inputs).</summary>
    public static Linear Linear(long inputs, long outputs, bool bias, ulong seed, Device device)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var generator = new Generator(seed);
        var layer = nn.Linear(inputs, outputs, bias, META);
        var bound = 1 / Math.Sqrt(inputs);
        foreach (var (name, weight) in layer.named_parameters().ToList())
            ModelWeights.Set(
                layer, name, empty(weight.shape, device: CPU).uniform_(-bound, bound, generator).to(device));
        return layer;
    }

    /// <summary>Orthonormal rows [rows, length]: the Q of a seeded normal matrix, with the signs of Gram-Schmidt
    /// (Saxe et al. 2014).</summary>
    public static Tensor OrthonormalRows(long rows, long length, ulong seed, Device device)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(seed);
        var (q, r) = linalg.qr(randn([length, rows], float64, CPU, generator: generator));
        return scope.MoveToOuter((q * r.diag().sign()).t().to(float32).to(device));
    }
}
