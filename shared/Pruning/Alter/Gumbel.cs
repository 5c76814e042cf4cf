using static TorchSharp.torch;

namespace Mlops.Pruning.Alter;

/// <summary>The two relaxed draws of ALTER: a gate and a choice (arXiv 2505.21817, section 3).</summary>
public static class Gumbel
{
    /// <summary>
    /// Noise-free version of the hard gate. One Gumbel variable makes P(keep) = 1 − exp(−exp(L + b)), so that keeping
    /// is the likelier outcome from L + b ≥ ln(ln 2) on, not from 0 on.
    /// </summary>
    public static readonly double Median = Math.Log(Math.Log(2));

    /// <summary>Standard Gumbel noise g = −ln(−ln u) of a shape,
    /// drawn on the CPU; the caller's scope owns it.</summary>
    public static Tensor Noise(long[] shape, Generator generator, Device device)
    {
        using var scope = NewDisposeScope();
        // u = 0 is a possible draw and would give −∞.
        var u = rand(shape, device: CPU, generator: generator).clamp_min(1e-12);
        return u.log().neg().log().neg().to(device).MoveToOuterDisposeScope();
    }

    /// <summary>Noise of gates: one Gumbel variable as in the paper, or the difference of two.</summary>
    public static Tensor GateNoise(long[] shape, Generator generator, Device device, bool logistic)
    {
        using var scope = NewDisposeScope();
        var noise = Noise(shape, generator, device);
        return (logistic ? noise - Noise(shape, generator, device) : noise).MoveToOuterDisposeScope();
    }

    /// <summary>P(keep) of a gate with logit and offset L + b, any shape.</summary>
    public static Tensor KeepProbability(Tensor logits, bool logistic)
    {
        using var scope = NewDisposeScope();
        return (logistic ? logits.sigmoid() : 1 - logits.exp().neg().exp()).MoveToOuterDisposeScope();
    }

    /// <summary>Single-Gumbel sigmoid y = σ((L + g + b) / τ), in (0, 1), any shape.</summary>
    public static Tensor Gate(Tensor logits, Tensor noise, double offset, double tau) =>
        ((logits + noise + offset) / tau).sigmoid();

    /// <summary>Gumbel softmax over the last axis of [T, N_e].</summary>
    public static Tensor Choice(Tensor logits, Tensor noise, double tau) => ((logits + noise) / tau).softmax(-1);

    /// <summary>The value of <paramref name="hard"/> with the gradient of <paramref name="soft"/>.</summary>
    public static Tensor StraightThrough(Tensor hard, Tensor soft) => (hard - soft).detach() + soft;
}
