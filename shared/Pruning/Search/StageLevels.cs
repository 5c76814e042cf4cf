using Mlops.Diffusion.Models;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;
using Mlops.Pruning.Stages;

namespace Mlops.Pruning.Search;

/// <summary>
/// What a level means with the layer-drop back-end of Diff-ES. Level 0 is the whole network. As published, level L of a
/// stage skips the first L layers of the stage's own order. Our change: the layers of a UNet cost 0.1 to 12 % of it, so
/// that a number of layers is no budget; level k skips the set that frees k quanta of MACs at the least summed score.
/// With the width back-ends a level is what <see cref="WidthLevels"/> says.
/// </summary>
/// <param name="Layers">Names of the model's gateable layers, or roots of its channel groups.</param>
/// <param name="Skips">[stage][level] indices of the skipped layers, or numbers of heads and neurons; all stages
/// have H + 1 levels.</param>
/// <param name="Kept">[stage][level] MACs left / dense MACs of one call.</param>
/// <param name="Quantum">MACs of a level / dense MACs; null where a level is a layer or a head a block more.</param>
/// <param name="Width">Which channels go; null where whole layers do.</param>
public sealed record StageLevels(
    StageBounds Bounds, IReadOnlyList<string> Layers, IReadOnlyList<IReadOnlyList<IReadOnlyList<int>>> Skips,
    IReadOnlyList<IReadOnlyList<double>> Kept, double? Quantum, WidthLevels? Width = null)
{
    internal const double FineQuantum = 0.01;

    // Products of shares are off by parts of a MAC.
    internal const double Slack = 1e-6;

    /// <summary>The name under which plans of this search are known.</summary>
    public const string Method = "diff-es";

    /// <summary>H, the highest level of every stage.</summary>
    public int MaxLevel => Skips[0].Count - 1;

    /// <summary>The paper's levels: numbers of layers, the cheapest loss first.</summary>
    /// <param name="layerMacs">MACs of each layer, in the order of the scores.</param>
    /// <param name="totalMacs">MACs of the dense model.</param>
    public static StageLevels OfBlocks(
        ImportanceScores scores, IReadOnlyList<long> layerMacs, long totalMacs) => Create(
        scores, layerMacs, totalMacs, values =>
        {
            var order = Enumerable.Range(0, values.Count).OrderBy(layer => values[layer]).ToArray();
            return [.. Enumerable.Range(0, values.Count + 1).Select(level => order[..level])];
        });

    /// <summary>Levels of equal MACs: as many quanta as all layers together free.</summary>
    /// <param name="layerMacs">MACs of each layer, in the order of the scores.</param>
    /// <param name="totalMacs">MACs of the dense model.</param>
    /// <param name="share">A quantum / dense MACs; null: 0.01, or the cheapest layer's where that is more, since a
    /// finer one would only be rounded up to it.</param>
    public static StageLevels OfQuanta(
        ImportanceScores scores, IReadOnlyList<long> layerMacs, long totalMacs, double? share = null)
    {
        var quantum = share ?? Math.Max(
            FineQuantum, layerMacs.Where(macs => macs > 0).DefaultIfEmpty().Min() / (double)totalMacs);
        var highest = (int)((layerMacs.Sum() + Slack) / (quantum * totalMacs));
        long[] needs = [.. Enumerable.Range(0, highest + 1).Select(
            level => (long)Math.Ceiling((level * quantum * totalMacs) - Slack))];
        var levels = Create(scores, layerMacs, totalMacs, values => LayerFront.Drop(values, layerMacs, needs));
        return levels with { Quantum = quantum };
    }

    /// <summary>Checks that the levels are of this model.</summary>
    /// <exception cref="InvalidDataException">They are not.</exception>
    public void Validate(Denoiser model)
    {
        if (!Layers.SequenceEqual(Width is null
            ? model.Layers.Select(layer => layer.Name)
            : ChannelGroups.Of(model).Select(group => group.Root)))
            throw new InvalidDataException("the scores are not of this model's layers; score this model again");
    }

    /// <summary>Checks that a schedule has one level in [0, H] per stage.</summary>
    /// <exception cref="InvalidDataException">It has not.</exception>
    public void Validate(IReadOnlyList<int> levels)
    {
        if (levels.Count != Bounds.Count || levels.Any(level => level < 0 || level > MaxLevel))
            throw new InvalidDataException(
                $"schedule {SearchState.Key(levels)} needs {Bounds.Count} levels in [0, {MaxLevel}]");
    }

    /// <summary>The routing table of a schedule, one level per stage, cleanest stage first.</summary>
    /// <param name="method">That chose them.</param>
    /// <exception cref="InvalidDataException">A level is out of range, or their number is not that of the stages.
    /// </exception>
    public PruningPlan ToPlan(IReadOnlyList<int> levels, string method = Method)
    {
        Validate(levels);
        PlanVariant[] variants = [.. levels.Select((level, stage) => Width?.Variant(Layers, stage, Skips[stage][level])
            ?? new PlanVariant(Skips[stage][level].Select(layer => Layers[layer])))];
        return PruningPlan.FromStages(
            method, Bounds,
            [.. variants.Select(variant => variants.All(other => other.Pack is null)
                ? variant : variant.On(variant.Pack ?? CompensatedLevels.Whole))],
            levels.Select((level, stage) => Kept[stage][level] * Bounds.Share(stage)).Sum());
    }

    private static StageLevels Create(
        ImportanceScores scores, IReadOnlyList<long> layerMacs, long totalMacs,
        Func<IReadOnlyList<double>, IReadOnlyList<IReadOnlyList<int>>> levels)
    {
        if (scores.Structures.Count == 0)
            throw new InvalidDataException(
                "this model has no layer that may be left out; prune its channels (diff-pruning, magnitude)");
        IReadOnlyList<IReadOnlyList<int>>[] skips = [.. scores.PerStageAndLayer().Select(levels)];
        return new(
            scores.Stages, [.. scores.Structures.Select(structure => structure.Name)], skips,
            [.. skips.Select(stage => stage.Select(
                skip => 1 - (skip.Sum(layer => layerMacs[layer]) / (double)totalMacs)).ToArray())], null);
    }
}
