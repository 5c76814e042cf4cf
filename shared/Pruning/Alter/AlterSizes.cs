namespace Mlops.Pruning.Alter;

/// <summary>What chooses an expert for each timestep.</summary>
public enum RouterKind
{
    /// <summary>The paper's network over timestep embeddings.</summary>
    Network,

    /// <summary>One interval per expert, see <see cref="AffineRouter"/>.</summary>
    Affine,
}

/// <summary>Sizes and constants of ALTER's hypernetwork (arXiv 2505.21817, appendix and code); the defaults are the
/// paper's.</summary>
/// <param name="Experts">N_e: how many masks the timesteps may choose from.</param>
/// <param name="Input">d: width of the frozen embedding of each (expert, layer) pair.</param>
/// <param name="ExpertHidden">Hidden width of the expert generator.</param>
/// <param name="RouterHidden">Hidden width of the temporal router.</param>
/// <param name="Tau">Temperature of both Gumbel draws.</param>
/// <param name="Offset">b: keeps every mask at 1 in a fresh network.</param>
/// <param name="Router">What chooses the expert of a timestep.</param>
/// <param name="DirectGates">Gate logits are weights themselves, see <see cref="Alter.DirectGates"/>.</param>
/// <param name="LogisticNoise">Two Gumbel variables per gate instead of one, so that P(keep) = σ(L + b) has its median
/// where its logit is 0.</param>
public sealed record AlterSizes(
    int Experts = 10, int Input = 64, int ExpertHidden = 256, int RouterHidden = 64, double Tau = 0.4,
    double Offset = 4, RouterKind Router = RouterKind.Network, bool DirectGates = false, bool LogisticNoise = false)
{
    /// <summary>The L + b from which on keeping is the likelier outcome.</summary>
    public double Median => LogisticNoise ? 0 : Gumbel.Median;
}
