namespace Mlops.Diffusion.Counting;

/// <summary>Parameters and multiply-accumulates of one module in one forward pass.</summary>
/// <param name="Type">Conv2d, Linear, GroupNorm, Embedding or Attention (its two products).</param>
/// <param name="Parameters">Numbers held in weight and bias.</param>
/// <param name="Conv">Multiply-accumulates of a convolution.</param>
/// <param name="Linear">Multiply-accumulates of a linear layer.</param>
/// <param name="Attention">Multiply-accumulates of query × key and probabilities × values.</param>
public sealed record ModuleCost(string Name, string Type, long Parameters, long Conv, long Linear, long Attention)
{
    /// <summary>All three columns together.</summary>
    public long Macs => Conv + Linear + Attention;
}

/// <summary>
/// What a network costs per forward pass. Counted are products of weights and of attention; not counted are bias adds,
/// norms, activations, softmax, interpolation.
/// </summary>
/// <param name="Modules">One entry per module, in the order of the module tree.</param>
public sealed record ModelCost(IReadOnlyList<ModuleCost> Modules)
{
    /// <summary>Parameters in all, skipped layers included: they stay in memory.</summary>
    public long Parameters => Modules.Sum(module => module.Parameters);

    /// <summary>Multiply-accumulates of convolutions.</summary>
    public long Conv => Modules.Sum(module => module.Conv);

    /// <summary>Multiply-accumulates of linear layers.</summary>
    public long Linear => Modules.Sum(module => module.Linear);

    /// <summary>Multiply-accumulates of attention products.</summary>
    public long Attention => Modules.Sum(module => module.Attention);

    /// <summary>Multiply-accumulates in all: the number that budgets refer to.</summary>
    public long Macs => Conv + Linear + Attention;
}
