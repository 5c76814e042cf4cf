using Mlops.Diffusion.Models;

namespace Mlops.Pruning.Plans;

/// <summary>Counts what a plan leaves, on its real masks.</summary>
public static class PlanCosts
{
    /// <summary>MACs of one forward pass in which only some layers run.</summary>
    /// <param name="run">One entry per layer; false is skipped.</param>
    /// <param name="layerMacs">MACs of each gateable layer, in the order of the model's layers.</param>
    /// <param name="totalMacs">MACs of the whole dense model.</param>
    public static long MacsOf(IReadOnlyList<bool> run, IReadOnlyList<long> layerMacs, long totalMacs)
    {
        if (run.Count != layerMacs.Count)
            throw new ArgumentException($"{run.Count} mask entries for {layerMacs.Count} layer costs", nameof(run));

        return totalMacs - layerMacs.Where((_, layer) => !run[layer]).Sum();
    }

    /// <summary>Mean over all native timesteps of the MACs that a network needs under a plan, for one sample.</summary>
    /// <param name="network">Dense, or sliced as the plan says.</param>
    public static double MeanMacs(PruningPlan plan, Denoiser network)
    {
        var macs = VariantMacs(plan, network);
        return plan.Rows.Sum(row => macs[row.Variant] * row.Length) / plan.Timesteps;
    }

    /// <summary>MACs of one sample's forward pass for every variant of a plan.</summary>
    /// <param name="network">Dense, or sliced as the plan says.</param>
    public static double[] VariantMacs(PruningPlan plan, Denoiser network) => [.. plan.Variants.Select(
        variant => (double)SlicedVariant.Macs(network, variant))];

    /// <summary>Mean over all native timesteps of the MACs left, divided by the dense model's MACs.</summary>
    /// <param name="layers">The model's gateable layers.</param>
    /// <param name="totalMacs">MACs of the whole dense model.</param>
    /// <param name="weights">How often each timestep is used (a sampler's steps); null counts each once.</param>
    public static double KeptRatio(
        PruningPlan plan, IReadOnlyList<LayerInfo> layers, IReadOnlyList<long> layerMacs, long totalMacs,
        IReadOnlyList<double>? weights = null)
    {
        if (weights is not null && weights.Count != plan.Timesteps)
            throw new ArgumentException($"{weights.Count} weights for {plan.Timesteps} timesteps", nameof(weights));

        var ratios = plan.Variants
            .Select(variant => (double)MacsOf(variant.RunMask(layers), layerMacs, totalMacs) / totalMacs).ToArray();
        var (sum, weight) = (0.0, 0.0);
        for (var t = 0; t < plan.Timesteps; t++)
        {
            var share = weights?[t] ?? 1;
            sum += share * ratios[plan.VariantAt(t)];
            weight += share;
        }

        return sum / weight;
    }
}
