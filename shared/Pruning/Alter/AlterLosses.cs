using static TorchSharp.torch;

namespace Mlops.Pruning.Alter;

/// <summary>The hypernetwork's own losses (arXiv 2505.21817, section 3.3); scalars in the caller's scope.</summary>
public static class AlterLosses
{
    /// <summary>S: the soft masks' share of the whole model's MACs, averaged over all native timesteps.</summary>
    /// <param name="masks">[T, N_L].</param>
    /// <param name="shares">c_l, [N_L].</param>
    public static Tensor SoftShare(Tensor masks, Tensor shares)
    {
        using var scope = NewDisposeScope();
        return (masks.mean([0L]) * shares).sum().MoveToOuterDisposeScope();
    }

    /// <summary>The exact expectation of the hard masks' share, without a draw's noise: Σ_l c_l Σ_e p̄_e P(keep)_{e,l},
    /// p̄ the routing probabilities averaged over t. The paper takes the share of one soft draw.</summary>
    /// <param name="shares">c_l, [N_L].</param>
    public static Tensor ExpectedShare(AlterNetwork network, Tensor shares)
    {
        using var scope = NewDisposeScope();
        var keep = Gumbel.KeepProbability(
            network.ExpertLogits() + network.Sizes.Offset, network.Sizes.LogisticNoise);   // [N_e, N_L]
        var use = network.RouterLogits().softmax(-1).mean([0L]);                            // [N_e]
        return ((use.unsqueeze(1) * keep).sum([0L]) * shares).sum().MoveToOuterDisposeScope();
    }

    /// <summary>2·ln²(S/p′): flat on target, where <see cref="Ratio"/> has an edge that shakes the gates.</summary>
    public static Tensor SquaredRatio(Tensor share, double target)
    {
        using var scope = NewDisposeScope();
        return ((share.clamp_min(1e-8) / target).log().square() * 2).MoveToOuterDisposeScope();
    }

    /// <summary>L_ratio = ln(max(S, p′) / (min(S, p′) + 1e-8)): 0 on target, equal for twice and half of it.</summary>
    public static Tensor Ratio(Tensor softShare, double target)
    {
        using var scope = NewDisposeScope();
        return (softShare.clamp_min(target) / (softShare.clamp_max(target) + 1e-8)).log().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// L_balance = N_e Σ_i F_i P_i over all timesteps: F counts the sampled experts without gradient, P is the mean
    /// probability. 1 when all experts are used alike, N_e when one takes all.
    /// </summary>
    /// <param name="route">Sampled route s, [T, N_e].</param>
    /// <param name="probabilities">Noise-free softmax, [T, N_e].</param>
    public static Tensor Balance(Tensor route, Tensor probabilities)
    {
        using var scope = NewDisposeScope();
        var fractions = AlterNetwork.OneHot(route).mean([0L]);
        return ((fractions * probabilities.mean([0L])).sum() * (double)route.shape[1]).MoveToOuterDisposeScope();
    }
}
