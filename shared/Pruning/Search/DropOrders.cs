using Mlops.Diffusion.Models;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Stages;

namespace Mlops.Pruning.Search;

/// <summary>
/// What a level means with the layer-drop back-end of Diff-ES: level L of a stage skips the first L layers of the
/// stage's own order. L is used as it is; scaling it by a depth loses layers to rounding.
/// </summary>
/// <param name="Orders">Per stage the names of the skippable
/// layers, the cheapest loss first; all of one length H.</param>
public sealed record DropOrders(StageBounds Bounds, IReadOnlyList<IReadOnlyList<string>> Orders)
{
    /// <summary>The name under which plans of this search are known.</summary>
    public const string Method = "diff-es";

    /// <summary>H, the number of layers that may be skipped in a stage.</summary>
    public int MaxLevel => Orders[0].Count;

    /// <summary>Checks that the orders fit the stages and the model,
    /// and that no layer stands twice in an order.</summary>
    /// <exception cref="InvalidDataException">They do not.</exception>
    public void Validate(IReadOnlyList<LayerInfo> layers)
    {
        if (Orders.Count != Bounds.Count)
            throw new InvalidDataException(
                $"there are {Orders.Count} drop orders for {Bounds.Count} stages; score as many stages as you search");
        var known = layers.Select(layer => layer.Name).ToHashSet(StringComparer.Ordinal);
        for (var stage = 0; stage < Orders.Count; stage++)
        {
            if (Orders[stage].FirstOrDefault(name => !known.Contains(name)) is { } stranger)
                throw new InvalidDataException(
                    $"the drop order of stage {stage} names '{stranger}', which this model does not have; "
                    + "use scores of the same model");
            if (Orders[stage].Count == 0 || Orders[stage].Count != MaxLevel
                || Orders[stage].Distinct(StringComparer.Ordinal).Count() != MaxLevel)
                throw new InvalidDataException(
                    $"the drop order of stage {stage} must list as many layers as the others, each once; score again");
        }
    }

    /// <summary>Checks that a schedule has one level in [0, H] per stage.</summary>
    /// <exception cref="InvalidDataException">It has not.</exception>
    public void Validate(IReadOnlyList<int> levels)
    {
        if (levels.Count != Bounds.Count || levels.Any(level => level < 0 || level > MaxLevel))
            throw new InvalidDataException(
                $"schedule {SearchState.Key(levels)} needs {Bounds.Count} levels in [0, {MaxLevel}]");
    }

    /// <summary>[stage][level] part of the dense trajectory's MACs;
    /// stages count by their share of native timesteps.</summary>
    /// <param name="layers">The model's gateable layers.</param>
    /// <param name="totalMacs">MACs of the whole dense forward pass.</param>
    public double[][] KeptMacs(IReadOnlyList<LayerInfo> layers, IReadOnlyList<long> layerMacs, long totalMacs)
    {
        var costs = layers.ToDictionary(layer => layer.Name, layer => layerMacs[layer.Index], StringComparer.Ordinal);
        return [.. Orders.Select((order, stage) => Curve(order, Bounds.Share(stage)))];

        double[] Curve(IReadOnlyList<string> order, double share)
        {
            var kept = new double[order.Count + 1];
            var left = totalMacs;
            for (var level = 0; level <= order.Count; level++)
            {
                kept[level] = share * left / totalMacs;
                if (level < order.Count)
                    left -= costs[order[level]];
            }

            return kept;
        }
    }

    /// <summary>The routing table of a schedule.</summary>
    /// <param name="levels">One level per stage, cleanest stage first.</param>
    /// <param name="keptRatio">MACs left / dense MACs of the schedule.</param>
    /// <exception cref="InvalidDataException">A level is outside [0,
    /// H], or their number is not that of the stages.</exception>
    public PruningPlan ToPlan(IReadOnlyList<int> levels, double keptRatio)
    {
        Validate(levels);
        var variants = levels.Select((level, stage) => new PlanVariant(Orders[stage].Take(level))).ToArray();
        return PruningPlan.FromTable(Method, [.. Bounds.Table().Select(stage => variants[stage])], keptRatio);
    }
}
