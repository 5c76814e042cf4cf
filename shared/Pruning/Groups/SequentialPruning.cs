namespace Mlops.Pruning.Groups;

/// <summary>Scores the channels of one group on the weights that are
/// left; one value per root channel, low goes first.</summary>
public delegate IReadOnlyList<double> ChannelScore(ChannelGroup group, NetworkSlicer network);

/// <summary>What one group lost.</summary>
/// <param name="Channels">Root channels in the numbering before this removal.</param>
public sealed record ChannelRemoval(string Root, IReadOnlyList<long> Channels);

/// <summary>
/// One-shot width pruning as Diff-Pruning's script does it (arXiv 2305.10924, public code): group after group, each cut
/// before the next is scored, the same ratio everywhere, in every norm group the lowest of its own.
/// </summary>
public static class SequentialPruning
{
    /// <summary>Cuts every group by the ratio; one too narrow to lose a channel per norm group stays.</summary>
    /// <param name="ratio">Share of the channels that is due, in [0, 1).</param>
    /// <param name="score">Asked once per group, on the weights that are left by then.</param>
    public static IReadOnlyList<ChannelRemoval> Run(NetworkSlicer network, double ratio, ChannelScore score)
    {
        var removals = new List<ChannelRemoval>();
        for (var index = 0; index < network.Groups.Count; index++)
        {
            var group = network.Groups[index];
            var due = group.DuePerNormGroup(ratio);
            if (due == 0)
                continue;
            var channels = group.Lowest(score(group, network), due);
            network.Remove(index, channels);
            removals.Add(new ChannelRemoval(group.Root, channels));
        }

        return removals;
    }
}
