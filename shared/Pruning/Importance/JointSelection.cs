using System.Numerics;
using Mlops.Pruning.Stages;

namespace Mlops.Pruning.Importance;

/// <summary>
/// Chooses for every stage the layers to drop, all stages under one budget: the knapsack of
/// <see cref="LayerSelection"/> over (stage, layer), where a cell frees its layer's MACs for as long as its stage
/// lasts. One stage is LAPTOP-Diff's choice, bit for bit.
/// </summary>
public static class JointSelection
{
    /// <summary>Indices of the layers to drop, ascending, per stage.</summary>
    /// <param name="scores">[stage][layer], damage of dropping the layer in that stage, non-negative.</param>
    /// <param name="macs">[stage][layer], MACs of each layer, averaged over the stage.</param>
    /// <param name="totalMacs">[stage], MACs of the whole model.</param>
    /// <param name="keptRatio">Wanted MACs left / dense MACs, averaged over native timesteps.</param>
    /// <exception cref="InvalidDataException">Dropping everything does not free enough.</exception>
    public static IReadOnlyList<IReadOnlyList<int>> Drop(
        IReadOnlyList<IReadOnlyList<double>> scores, IReadOnlyList<IReadOnlyList<long>> macs,
        IReadOnlyList<long> totalMacs, StageBounds stages, double keptRatio)
    {
        long[] lengths = [.. Enumerable.Range(0, stages.Count).Select(stage => (long)stages.Length(stage))];
        // So that equal stages count 1 each, and a single one costs what its layers do.
        var unit = lengths.Aggregate((a, b) => (long)BigInteger.GreatestCommonDivisor(a, b));
        var costs = lengths.SelectMany((length, stage) => macs[stage].Select(cost => cost * (length / unit)));
        var total = totalMacs.Select((macs, stage) => macs * (lengths[stage] / unit)).Sum();
        var drop = LayerSelection.Drop(
            [.. scores.SelectMany(stage => stage)], [.. costs], total, keptRatio, stages.Count);
        return
        [
            .. Enumerable.Range(0, stages.Count).Select(stage => drop
                .Where(cell => cell / macs[0].Count == stage).Select(cell => cell % macs[0].Count).ToArray()),
        ];
    }

    /// <summary>Summed scores of what is dropped.</summary>
    public static double Loss(
        IReadOnlyList<IReadOnlyList<double>> scores, IReadOnlyList<IReadOnlyList<int>> drop) =>
        drop.Select((layers, stage) => layers.Sum(layer => scores[stage][layer])).Sum();

    /// <summary>The least loss of one set of layers that is dropped in all stages.</summary>
    public static double StaticLoss(
        IReadOnlyList<IReadOnlyList<double>> scores, IReadOnlyList<long> macs, long totalMacs, double keptRatio)
    {
        double[] totals = [.. Enumerable.Range(0, macs.Count).Select(layer => scores.Sum(stage => stage[layer]))];
        return LayerSelection.Drop(totals, macs, totalMacs, keptRatio).Sum(layer => totals[layer]);
    }
}
