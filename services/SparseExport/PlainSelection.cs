using Mlops.Diffusion.Counting;
using Mlops.Diffusion.Models;
using Mlops.Pruning.Importance;
using Mlops.Pruning.Plans;

namespace Mlops.SparseExport;

/// <summary>
/// Chooses layers to leave out among the sets that a plain <c>config.json</c> can say: whole blocks of a transformer
/// but the first; of a UNet2DModel equally many layers of every level, and beside them all attention of a block. For
/// every number of layers per level the attention is a knapsack of <see cref="LayerSelection"/>; the best of these
/// wins.
/// </summary>
internal static class PlainSelection
{
    /// <summary>Names of the layers to leave out.</summary>
    /// <param name="scores">Damage of leaving out each of the network's layers, non-negative.</param>
    /// <param name="keptRatio">Wanted MACs left / dense MACs.</param>
    /// <exception cref="InvalidDataException">No set that a config can say frees enough.</exception>
    public static IReadOnlyList<string> Drop(Denoiser network, IReadOnlyList<double> scores, double keptRatio)
    {
        var macs = MacCounter.LayerCosts(network);
        var layers = network.Layers.ToDictionary(
            layer => layer.Name, layer => new Group([layer.Name], scores[layer.Index], macs[layer.Index]),
            StringComparer.Ordinal);
        var total = MacCounter.Count(network).Macs;
        var need = total - (long)Math.Floor(total * keptRatio);
        Frame[] frames = network is UNet2DModel unet ? [.. Frames(unet, layers)] : [Blocks(layers)];
        var best = frames.Select(frame => Choose(frame, need, total)).OfType<Group>()
            .OrderBy(choice => choice.Score).FirstOrDefault(choice => Fits(network, choice.Layers));
        if (best is not null)
            return best.Layers;
        var most = frames.Select(frame => Group.Join([frame.Forced, .. frame.Free]))
            .Where(group => Fits(network, group.Layers)).Select(group => group.Macs).DefaultIfEmpty().Max();
        throw new InvalidDataException(FormattableString.Invariant(
            $"macs {keptRatio:0.###} cannot be reached: leaving out all layers that a plain config.json can say ")
            + FormattableString.Invariant(
                $"leaves {(double)(total - most) / total:0.###}; ask for at least that, or turn plain-config off"));
    }

    private static bool Fits(Denoiser network, IEnumerable<string> skip)
    {
        using var native = NativeModel.From(network, new PlanVariant(skip), out _);
        return native is not null;
    }

    private static Group? Choose(Frame frame, long need, long total)
    {
        var left = need - frame.Forced.Macs;
        if (left <= 0)
            return frame.Forced;
        if (frame.Free.Sum(group => group.Macs) < left)
            return null;
        var drop = LayerSelection.Drop(
            [.. frame.Free.Select(group => group.Score)], [.. frame.Free.Select(group => group.Macs)], total,
            (double)(total - left) / total);
        return Group.Join([frame.Forced, .. drop.Select(index => frame.Free[index])]);
    }

    private static Frame Blocks(Dictionary<string, Group> layers) => new(
        Group.Join([]),
        [.. layers.Where(layer => layer.Key != "transformer_blocks.0").Select(layer => layer.Value)]);

    private static IEnumerable<Frame> Frames(UNet2DModel network, Dictionary<string, Group> layers)
    {
        var (options, levels) = (network.Options, network.Options.DownBlockTypes.Count);
        for (var kept = options.LayersPerBlock; kept >= 1; kept--)
        {
            var gone = options.LayersPerBlock - kept;
            var forced = Enumerable.Range(0, levels).SelectMany(level => new[]
            {
                Cells(layers, $"down_blocks.{level}", Enumerable.Range(kept, gone)),
                LeastOf(layers, $"up_blocks.{level}", gone),
            }).ToList();
            if (forced.Any(group => group is null))
                continue;
            var all = Group.Join(forced!);
            IEnumerable<string> blocks = ["mid_block", .. Attending("down_blocks", options.DownBlockTypes,
                options.ResnetDownsampling), .. Attending("up_blocks", options.UpBlockTypes, options.ResnetUpsampling)];
            yield return new(all,
            [
                .. blocks.Select(block => Group.Join(layers
                    .Where(layer => layer.Key.StartsWith($"{block}.attentions.", StringComparison.Ordinal)
                        && !all.Layers.Contains(layer.Key)).Select(layer => layer.Value)))
                    .Where(group => group.Layers.Count > 0),
            ]);
        }
    }

    // A level without attention cannot change its size by a ResNet layer.
    private static IEnumerable<string> Attending(string side, IReadOnlyList<string> types, bool resamplesByResnet) =>
        Enumerable.Range(0, types.Count)
            .Where(level => UNet2DOptions.Attends(types[level]) && !resamplesByResnet)
            .Select(level => $"{side}.{level}");

    // Of the decoder's layers that meet one and the same feature all but one go: the one that matters most stays.
    private static Group? LeastOf(Dictionary<string, Group> layers, string block, int gone) =>
        Enumerable.Range(0, gone + 1)
            .Select(stays => Cells(layers, block, Enumerable.Range(0, gone + 1).Where(index => index != stays)))
            .Where(group => group is not null).MinBy(group => group!.Score);

    /// <summary>ResNet layers of a block with their attention; null where one of them cannot be left out.</summary>
    private static Group? Cells(Dictionary<string, Group> layers, string block, IEnumerable<int> indices)
    {
        var wanted = indices.ToList();
        var resnets = wanted.Select(index => layers.GetValueOrDefault($"{block}.resnets.{index}")).ToList();
        var attentions = wanted.Select(index => layers.GetValueOrDefault($"{block}.attentions.{index}"))
            .OfType<Group>();
        return resnets.Contains(null) ? null : Group.Join([.. resnets!, .. attentions]);
    }

    private sealed record Frame(Group Forced, IReadOnlyList<Group> Free);

    private sealed record Group(IReadOnlyList<string> Layers, double Score, long Macs)
    {
        public static Group Join(IEnumerable<Group> groups)
        {
            var all = groups.ToList();
            return new(
                [.. all.SelectMany(group => group.Layers)], all.Sum(group => group.Score),
                all.Sum(group => group.Macs));
        }
    }
}
