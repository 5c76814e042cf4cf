using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.Pruning.Plans;

namespace Mlops.Pruning.Steps;

/// <summary>What one image costs: multiply-accumulates of every call of the network, added over the sampler's steps.
/// </summary>
/// <param name="Macs">Multiply-accumulates; a forecast has none that count.</param>
/// <param name="Calls">Calls of the network; guidance makes two of one.</param>
public sealed record StepCosts(double Macs, int Calls)
{
    /// <summary>Costs of a network that runs at every step.</summary>
    public static StepCosts Dense(Denoiser network, int steps, double guidance = 1) =>
        Dense(MacCounter.Count(network).Macs, steps, guidance);

    /// <summary>The same for a network of so many multiply-accumulates.</summary>
    public static StepCosts Dense(long macs, int steps, double guidance) =>
        Of(Enumerable.Repeat((double)macs, steps), guidance);

    /// <summary>Costs under a plan whose rows choose the variant.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="network">Dense, or sliced as the plan says.</param>
    /// <param name="timesteps">Native timestep of every sampler step.</param>
    /// <param name="guidance">w; 1 is none.</param>
    public static StepCosts Routed(
        PruningPlan plan, Denoiser network, IEnumerable<long> timesteps, double guidance = 1)
    {
        var macs = VariantMacs(plan, network);
        return Of(timesteps.Select(timestep => macs[plan.VariantAt(timestep)]), guidance);
    }

    /// <summary>Costs under a step table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="plan">What its variants are; null if the dense network is the only one.</param>
    /// <param name="network">Dense, or sliced as the plan says.</param>
    public static StepCosts Tabled(StepTable table, PruningPlan? plan, Denoiser network)
    {
        var macs = plan is null ? new double[] { MacCounter.Count(network).Macs } : VariantMacs(plan, network);
        return Of(table.Actions.OfType<StepAction.Run>().Select(run => macs[run.Variant]), table.Guidance);
    }

    private static StepCosts Of(IEnumerable<double> calls, double guidance)
    {
        var (branches, macs) = (guidance == 1 ? 1 : 2, calls.ToArray());
        return new StepCosts(branches * macs.Sum(), branches * macs.Length);
    }

    private static double[] VariantMacs(PruningPlan plan, Denoiser network) => [.. plan.Variants.Select(
        variant => (double)SlicedVariant.Macs(network, variant))];
}
