using Mlops.Diffusion.Models;
using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Obs;
using Mlops.Pruning.Plans;
using static TorchSharp.torch;

namespace Mlops.Pruning.Search;

/// <summary>
/// Diff-ES's second-order back-end: in every stage the layers that consume heads and neurons make up for those that a
/// level takes, so that a pack of weights belongs to each level of each stage. It follows from the stage's Hessians in
/// closed form when it is needed; Diff-ES stores a bank of all. Every pack has all those layers, as they are where
/// nothing goes into them that a level takes: so the network's own need not be held beside a pack.
/// </summary>
public static class CompensatedLevels
{
    /// <summary>The pack of level 0 in a plan that has other ones.</summary>
    internal const string Whole = "whole";

    /// <summary>The packs of all levels; null where levels compensate for nothing.</summary>
    /// <param name="model">Dense; its weights are read when a pack is.</param>
    /// <param name="scoresFolder">Holds the Hessians of every stage.</param>
    public static WeightPacks? Of(StageLevels levels, Denoiser model, string scoresFolder)
    {
        if (levels.Width is not { Compensates: true } width)
            return null;
        var groups = ChannelGroups.Of(model);
        string[] names = [.. groups.SelectMany(group => (string[])[Weight(group), Bias(group)])];
        var variants =
            (from stage in Enumerable.Range(0, levels.Bounds.Count)
             from gone in levels.Skips[stage]
             let variant = width.Variant(levels.Layers, stage, gone)
             where variant.Pack is not null
             select (Stage: stage, Variant: variant)).ToDictionary(each => each.Variant.Pack!);
        variants[Whole] = (0, PlanVariant.Dense);
        return new(
            variants.Keys.ToDictionary(pack => pack, _ => (IReadOnlyList<string>)names),
            pack => Read(variants[pack].Variant, variants[pack].Stage));

        IReadOnlyDictionary<string, Tensor> Read(PlanVariant variant, int stage)
        {
            using var noGrad = no_grad();
            var weights = model.named_parameters().ToDictionary(
                entry => entry.name, entry => entry.parameter, StringComparer.Ordinal);
            var hessians = variant.IsDense ? [] : ScoresFolder.Hessians(scoresFolder, stage);
            var pack = new Dictionary<string, Tensor>(StringComparer.Ordinal);
            foreach (var group in groups)
            {
                using var scope = NewDisposeScope();
                var dense = weights[Weight(group)];
                pack[Weight(group)] = (variant.Keep.TryGetValue(group.Root, out var kept)
                    ? ObsLayer.Compensated(dense, ObsPruning.Hessian(hessians, group).to(dense.device), kept)
                        .to(dense.dtype)
                    : dense.detach().clone()).MoveToOuterDisposeScope();
                // A pack replaces whole layers.
                pack[Bias(group)] = weights[Bias(group)].detach().clone().MoveToOuterDisposeScope();
            }

            foreach (var hessian in hessians.Values)
                hessian.Dispose();
            return pack;
        }
    }

    private static string Weight(ChannelGroup group) => $"{InputMoments.Consumer(group)}.weight";

    private static string Bias(ChannelGroup group) => $"{InputMoments.Consumer(group)}.bias";
}
