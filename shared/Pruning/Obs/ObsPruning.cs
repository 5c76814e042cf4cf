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

    /// <summary>What a unit and all that go before it cost together, so that the order of the scores is that of the
    /// removals; shared evenly by the unit's channels.</summary>
    /// <param name="hessians">Damped, by consuming module.</param>
    /// <exception cref="InvalidDataException">A Hessian is missing or of another size.</exception>
    public static ChannelScore Score(IReadOnlyDictionary<string, Tensor> hessians) => (group, network) =>
    {
        var (consumer, size) = (InputMoments.Consumer(group), group.UnitSize);
        using var layer = new ObsLayer(network.Weights[$"{consumer}.weight"], Hessian(hessians, group));
        var left = Enumerable.Range(0, group.Width / size).ToList();
        var (scores, cost) = (new double[group.Width], 0.0);
        while (true)
        {
            var losses = layer.Losses(size);
            var cheapest = Array.IndexOf(losses, losses.Min());
            cost += losses[cheapest];
            Array.Fill(scores, cost / size, left[cheapest] * size, size);
            if (left.Count == 1)
                return scores;
            layer.Remove(cheapest, size);
            left.RemoveAt(cheapest);
        }
    };

    /// <summary>Cuts every group by the ratio; where nothing is due no weight changes.</summary>
    /// <param name="ratio">Share of the units that is due, in [0, 1).</param>
    /// <param name="score">What <see cref="Score"/> gives.</param>
    /// <param name="hessians">Damped, by consuming module.</param>
    /// <exception cref="InvalidDataException">A Hessian is missing or of another size.</exception>
    public static IReadOnlyList<ChannelRemoval> Run(
        NetworkSlicer network, double ratio, ChannelScore score, IReadOnlyDictionary<string, Tensor> hessians)
    {
        using var scope = NewDisposeScope();
        var groups = network.Groups.ToDictionary(group => group.Root, StringComparer.Ordinal);
        var dense = groups.Values.ToDictionary(
            group => group.Root, group => network.Weights[$"{InputMoments.Consumer(group)}.weight"].clone(),
            StringComparer.Ordinal);
        var removals = SequentialPruning.Run(network, ratio, score);
        foreach (var removal in removals)
        {
            var (group, gone) = (groups[removal.Root], removal.Channels.ToHashSet());
            long[] kept =
                [.. Enumerable.Range(0, group.Width).Select(channel => (long)channel).Where(c => !gone.Contains(c))];
            network.Replace(
                $"{InputMoments.Consumer(group)}.weight",
                ObsLayer.Compensated(dense[removal.Root], Hessian(hessians, group), kept));
        }

        return removals;
    }

    /// <summary>The Hessian of what a group's channels go into.</summary>
    /// <param name="hessians">Damped, by consuming module.</param>
    /// <exception cref="InvalidDataException">It is missing or of another size.</exception>
    public static Tensor Hessian(IReadOnlyDictionary<string, Tensor> hessians, ChannelGroup group)
    {
        var consumer = InputMoments.Consumer(group);
        return hessians.TryGetValue(consumer, out var hessian) && hessian.shape[0] == group.Width
            ? hessian
            : throw new InvalidDataException(
                $"the scores have no Hessian of the {group.Width} inputs of '{consumer}'; score this model with obs");
    }
}
