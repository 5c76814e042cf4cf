using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>
/// Random Fourier features of log t (Song et al. 2021, score SDE, appendix C): [sin(2π·w·ln t), cos(2π·w·ln t)] with
/// fixed random frequencies w.
/// </summary>
public sealed class FourierLayer : WeightedLayer
{
    private const double FrequencyDeviation = 16;

    internal FourierLayer(WeightSource source, string name, long frequencies)
        : base("GaussianFourierProjection", source, name, [frequencies], Start.Normal(FrequencyDeviation), null,
            Start.Zeros)
    {
        if (HasWeights)
            Weight.requires_grad = false;
    }

    /// <summary>[N] to [N, 2·frequencies].</summary>
    public Tensor Forward(Tensor timesteps)
    {
        using var scope = NewDisposeScope();
        var angles = timesteps.to_type(ScalarType.Float32).log().unsqueeze(1) * Weight.unsqueeze(0) * (2 * Math.PI);
        return scope.MoveToOuter(cat([angles.sin(), angles.cos()], 1));
    }
}
