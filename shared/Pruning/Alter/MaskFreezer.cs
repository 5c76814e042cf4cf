using Mlops.Diffusion;
using Mlops.Pruning.Importance;

namespace Mlops.Pruning.Alter;

/// <summary>The table of a finished hypernetwork and how it came about.</summary>
/// <param name="Threshold">Smallest kept L + b; near ln(ln 2) when the hypernetwork met the budget by itself; NaN where
/// no threshold made it.</param>
/// <param name="KeptRatio">Kept ratio of the whole model's MACs over all native timesteps.</param>
public sealed record FrozenMasks(HardTable Table, double Threshold, double KeptRatio);

/// <summary>
/// Ends ALTER's window: one threshold on all gate logits, bisected so that the hard table keeps as much as the budget
/// allows; what is left over goes to the gates next in line that still fit. The published
/// code keeps its last noisy draw instead, whose ratio is whatever it happens to be.
/// </summary>
public static class MaskFreezer
{
    // Sums differ from the exact ratio in the last bits; a budget of 1 must keep everything.
    private const double Rounding = 1e-9;

    // Of the whole model's MACs; the knapsack counts in whole numbers.
    private const long Parts = 1_000_000_000;

    /// <summary>Freezes. The result keeps at most the budget and misses it by less than one layer's cost.</summary>
    /// <param name="keptRatio">Budget: kept ratio of the whole model's MACs.</param>
    public static FrozenMasks Freeze(AlterNetwork network, LayerCosts costs, double keptRatio)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var noGrad = TorchSharp.torch.no_grad();
        var gates = (network.ExpertLogits() + network.Sizes.Offset).Values();
        var routing = network.RouterLogits().Values();
        return Freeze(gates, routing, network.Sizes.Experts, costs, keptRatio);
    }

    /// <summary>Freezes by what the gates are worth instead, each weighted by its learned P(keep): one knapsack over
    /// experts and layers, in which a gate costs its layer for as long as its expert serves.</summary>
    /// <param name="table">Around which they were measured: the network's, or what it started from, whose masks its
    /// first experts learned.</param>
    /// <param name="worth">[expert][layer], as <see cref="GateWorth"/>; below 0 counts as 0.</param>
    public static FrozenMasks Freeze(
        AlterNetwork network, HardTable table, IReadOnlyList<double[]> worth, LayerCosts costs, double keptRatio)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var noGrad = TorchSharp.torch.no_grad();
        var keep = Gumbel.KeepProbability(
            network.ExpertLogits() + network.Sizes.Offset, network.Sizes.LogisticNoise).Values();
        return Freeze(
            worth, keep[..(worth.Count * network.Layers)], [.. table.Route], costs, keptRatio);
    }

    /// <summary>The same for P(keep) [N_e, N_L], row-major, and the expert of every timestep.</summary>
    public static FrozenMasks Freeze(
        IReadOnlyList<double[]> worth, float[] keep, int[] route, LayerCosts costs, double keptRatio)
    {
        costs.Target(keptRatio);
        var layers = costs.Shares.Count;
        int[] uses = [.. worth.Select((_, expert) => route.Count(choice => choice == expert))];
        var scores = keep.Select((open, gate) =>
            uses[gate / layers] * open * Math.Max(0, worth[gate / layers][gate % layers]));
        var macs = keep.Select(
            (_, gate) => uses[gate / layers] * (long)Math.Round(costs.Shares[gate % layers] * Parts));
        var masks = worth.Select(row => row.Select(_ => true).ToArray()).ToArray();
        foreach (var gate in LayerSelection.Drop(
            [.. scores], [.. macs], route.Length * Parts, keptRatio, uses.Count(use => use > 0)))
            masks[gate / layers][gate % layers] = false;
        var table = new HardTable(masks, route);
        return new FrozenMasks(table, double.NaN, table.KeptRatio(costs));
    }

    /// <summary>Freezes gate logits with offset [N_e, N_L] and routing logits [T, N_e], row-major.</summary>
    public static FrozenMasks Freeze(
        float[] gates, float[] routing, int experts, LayerCosts costs, double keptRatio)
    {
        if (gates.Concat(routing).Any(value => !float.IsFinite(value)))
            throw new InvalidDataException(
                "the hypernetwork holds NaN or infinite logits; lower hyper-learning-rate and train again");

        costs.Target(keptRatio);
        var route = HardTable.RouteOf(routing, experts);
        // Equal logits are told apart by position: so the ratio moves by one entry at a time and can be bisected.
        var order = Enumerable.Range(0, gates.Length).OrderByDescending(entry => gates[entry]).ToArray();
        var (kept, closed) = (0, order.Length + 1);
        while (closed - kept > 1)
        {
            var middle = (kept + closed) / 2;
            if (Table(middle).KeptRatio(costs) <= keptRatio + Rounding)
                kept = middle;
            else
                closed = middle;
        }

        var threshold = kept == 0 ? double.PositiveInfinity : gates[order[kept - 1]];
        var table = Fill(Table(kept), order.AsSpan(kept), costs, keptRatio);
        return new FrozenMasks(table, threshold, table.KeptRatio(costs));

        HardTable Table(int count)
        {
            var layers = gates.Length / experts;
            var masks = Enumerable.Range(0, experts).Select(_ => new bool[layers]).ToArray();
            foreach (var entry in order.Take(count))
                masks[entry / layers][entry % layers] = true;
            return new HardTable(masks, route);
        }
    }

    // The first gate below the threshold is too expensive; cheaper ones behind it may still fit.
    private static HardTable Fill(HardTable table, ReadOnlySpan<int> closed, LayerCosts costs, double keptRatio)
    {
        var layers = costs.Shares.Count;
        foreach (var entry in closed)
        {
            var mask = table.Experts[entry / layers];
            mask[entry % layers] = true;
            if (table.KeptRatio(costs) > keptRatio + Rounding)
                mask[entry % layers] = false;
        }

        return table;
    }
}
