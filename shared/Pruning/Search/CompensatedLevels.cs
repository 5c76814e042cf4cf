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
/// closed form when it is needed; Diff-ES stores a bank of all.
/// </summary>
public static class CompensatedLevels
{
    /// <summary>The packs of all levels but 0, which is the network itself; null where levels compensate for nothing.
    /// </summary>
    /// <param name="model">Dense; its weights are read when a pack is.</param>
    /// <param name="scoresFolder">Holds the Hessians of every stage.</param>
    public static WeightPacks? Of(StageLevels levels, Denoiser model, string scoresFolder)
    {
        if (levels.Width is not { Compensates: true } width)
            return null;
        var groups = ChannelGroups.Of(model).ToDictionary(group => group.Root, StringComparer.Ordinal);
        var variants =
            (from stage in Enumerable.Range(0, levels.Bounds.Count)
             from gone in levels.Skips[stage]
             let variant = width.Variant(levels.Layers, stage, gone)
             where variant.Pack is not null
             select (Stage: stage, Variant: variant)).ToDictionary(each => each.Variant.Pack!);
        return new(
            variants.ToDictionary(each => each.Key, each => (IReadOnlyList<string>)[.. each.Value.Variant.Keep.Keys
                .SelectMany(root => (string[])[Weight(groups[root]), Bias(groups[root])])]),
            pack => Read(variants[pack].Variant, variants[pack].Stage));

        IReadOnlyDictionary<string, Tensor> Read(PlanVariant variant, int stage)
        {
            using var noGrad = no_grad();
            var weights = model.named_parameters().ToDictionary(
                entry => entry.name, entry => entry.parameter, StringComparer.Ordinal);
            var hessians = ScoresFolder.Hessians(scoresFolder, stage);
            var pack = new Dictionary<string, Tensor>(StringComparer.Ordinal);
            foreach (var (root, kept) in variant.Keep)
            {
                using var scope = NewDisposeScope();
                var (group, dense) = (groups[root], weights[Weight(groups[root])]);
                pack[Weight(group)] = ObsLayer.Compensated(
                    dense, ObsPruning.Hessian(hessians, group).to(dense.device), kept)
                    .to(dense.dtype).MoveToOuterDisposeScope();
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
