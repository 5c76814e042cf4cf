using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;

namespace Mlops.Pruning.Alter;

/// <summary>What each gateable layer costs, and what a budget on the whole model means for them.</summary>
public sealed class LayerCosts
{
    /// <param name="layerMacs">MACs of each gateable layer, in the model's order.</param>
    /// <param name="totalMacs">MACs of the whole dense model.</param>
    public LayerCosts(IReadOnlyList<long> layerMacs, long totalMacs)
    {
        if (layerMacs.Count == 0)
            throw new InvalidDataException(
                "the model has no gateable layer, so there is none to prune; prune its channels with magnitude");
        if (totalMacs < layerMacs.Sum())
            throw new ArgumentOutOfRangeException(nameof(totalMacs), totalMacs, "must be at least the layers' sum");

        Shares = [.. layerMacs.Select(macs => (double)macs / totalMacs)];
    }

    /// <summary>Those of a model; shapes are enough.</summary>
    /// <exception cref="InvalidDataException">It has no gateable layer.</exception>
    public static LayerCosts Of(Denoiser model) => new(MacCounter.LayerCosts(model), MacCounter.Count(model).Macs);

    /// <summary>c_l: each layer's share of the whole model's MACs.</summary>
    public IReadOnlyList<double> Shares { get; }

    /// <summary>Share of the whole model's MACs that gates can remove.</summary>
    public double PrunableShare => Shares.Sum();

    /// <summary>Kept ratio with every gate closed: no budget below it can be met.</summary>
    public double SmallestRatio => 1 - PrunableShare;

    /// <summary>Kept ratio of the whole model under one mask.</summary>
    public double KeptRatio(IReadOnlyList<bool> mask) =>
        1 - Shares.Where((_, layer) => !mask[layer]).Sum();

    /// <summary>
    /// p′: what the gated layers may keep, as a share of the whole model, so that the whole model keeps
    /// <paramref name="keptRatio"/>. The paper states the ratio of the prunable part; users state the whole.
    /// </summary>
    /// <exception cref="InvalidDataException">No mask can reach the ratio.</exception>
    public double Target(double keptRatio)
    {
        if (!(keptRatio > SmallestRatio && keptRatio <= 1))
            throw new InvalidDataException(FormattableString.Invariant(
                $"macs = {keptRatio} cannot be reached: with every gateable layer skipped this model keeps ")
                + FormattableString.Invariant($"{SmallestRatio:0.0000} of its MACs; ask for more than that, up to 1"));

        return keptRatio - SmallestRatio;
    }
}
