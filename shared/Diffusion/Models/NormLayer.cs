using static TorchSharp.torch;

namespace Mlops.Diffusion.Models;

/// <summary>Group normalisation with scale and shift per channel.</summary>
public sealed class NormLayer : WeightedLayer
{
    private readonly double _eps;

    internal NormLayer(WeightSource source, string name, long groups, long channels, double eps)
        : base("GroupNorm", source, name, [channels], Start.Ones, [channels], Start.Zeros)
    {
        _eps = eps;
        Groups = ConfiguredGroups = groups;
    }

    /// <summary>Number of groups; pruning whole groups lowers it.</summary>
    public long Groups { get; set; }

    /// <summary>Number of groups that the configuration names.</summary>
    public long ConfiguredGroups { get; }

    /// <summary>[N, C, …] to the same shape.</summary>
    public Tensor Forward(Tensor x) => nn.functional.group_norm(x, Groups, Weight, Bias, _eps);
}
