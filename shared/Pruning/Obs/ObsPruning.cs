using Mlops.Pruning.Groups;
using Mlops.Pruning.Importance;
using static TorchSharp.torch;

namespace Mlops.Pruning.Obs;

/// <summary>
/// OBS-Diff's structured pruning (arXiv 2510.06751): of every group the unit that costs least goes, the layer that
/// consumed it makes up for it, and the next is chosen on what is then left. Our changes: neurons go one at a time as
/// heads do, all Hessians are of the dense network (one package in the paper's words), and no block is spared.
/// </summary>
public static class ObsPruning
{
    /// <summary>The method's name in options and files.</summary>
    public const string Method = "obs";

    private const double FirstWeight = 1.2, LastWeight = 0.8;

    /// <summary>α_t of the paper for sampler steps from the noisiest on: 0.8 + 0.4·ln(T − t)/ln T, t = 0 … T − 1.
    /// </summary>
    public static double[] Weights(int steps) => [.. Enumerable.Range(0, steps).Select(t => steps == 1
        ? 1
        : LastWeight + ((FirstWeight - LastWeight) * Math.Log(steps - t) / Math.Log(steps)))];

    /// <summary>Cost of each unit alone, shared evenly by its channels.</summary>
    /// <param name="hessians">Damped, by consuming module.</param>
    public static ChannelScore Score(IReadOnlyDictionary<string, Tensor> hessians) => (group, network) =>
    {
        using var layer = Layer(group, network, hessians);
        return [.. layer.Losses(group.UnitSize)
            .SelectMany(loss => Enumerable.Repeat(loss / group.UnitSize, group.UnitSize))];
    };

    /// <summary>Cuts every group by the ratio; where nothing is due no weight changes.</summary>
    /// <param name="ratio">Share of the units that is due, in [0, 1).</param>
    /// <param name="hessians">Damped, by consuming module.</param>
    /// <exception cref="InvalidDataException">A Hessian is missing or of another size.</exception>
    public static IReadOnlyList<ChannelRemoval> Run(
        NetworkSlicer network, double ratio, IReadOnlyDictionary<string, Tensor> hessians)
    {
        var removals = new List<ChannelRemoval>();
        for (var index = 0; index < network.Groups.Count; index++)
        {
            var group = network.Groups[index];
            var due = group.DuePerNormGroup(ratio);
            if (due == 0)
                continue;
            using var layer = Layer(group, network, hessians);
            var left = Enumerable.Range(0, group.Width / group.UnitSize).ToList();
            for (; due > 0; due--)
            {
                var losses = layer.Losses(group.UnitSize);
                var cheapest = Array.IndexOf(losses, losses.Min());
                layer.Remove(cheapest, group.UnitSize);
                left.RemoveAt(cheapest);
            }

            var kept = left.ToHashSet();
            var gone = Enumerable.Range(0, group.Width).Where(channel => !kept.Contains(channel / group.UnitSize))
                .Select(channel => (long)channel).ToArray();
            network.Remove(index, gone);
            network.Replace($"{InputMoments.Consumer(group)}.weight", layer.Weight);
            removals.Add(new ChannelRemoval(group.Root, gone));
        }

        return removals;
    }

    private static ObsLayer Layer(
        ChannelGroup group, NetworkSlicer network, IReadOnlyDictionary<string, Tensor> hessians)
    {
        var consumer = InputMoments.Consumer(group);
        return hessians.TryGetValue(consumer, out var hessian) && hessian.shape[0] == group.Width
            ? new ObsLayer(network.Weights[$"{consumer}.weight"], hessian)
            : throw new InvalidDataException(
                $"the scores have no Hessian of the {group.Width} inputs of '{consumer}'; score this model with obs");
    }
}
