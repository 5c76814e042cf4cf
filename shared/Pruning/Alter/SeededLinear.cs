using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Pruning.Alter;

/// <summary>Layers of the hypernetwork, initialised from a seed of their own instead of the global generator.</summary>
internal static class SeededLinear
{
    /// <summary>Linear layer with the usual uniform ±1/√(inputs) start.</summary>
    public static Linear Create(long inputs, long outputs, bool bias, ulong seed)
    {
        var layer = nn.Linear(inputs, outputs, bias);
        var bound = 1 / Math.Sqrt(inputs);
        using var generator = new Generator(seed);
        using var quiet = no_grad();
        layer.weight.uniform_(-bound, bound, generator);
        layer.bias?.uniform_(-bound, bound, generator);
        return layer;
    }

    /// <summary>Layer norm with explicit ones and zeros.</summary>
    public static LayerNorm Norm(long width)
    {
        var norm = nn.LayerNorm(width);
        using var quiet = no_grad();
        norm.weight.fill_(1);
        norm.bias.fill_(0);
        return norm;
    }
}
