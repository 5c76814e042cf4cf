using Mlops.Pruning.Groups;

namespace Mlops.Pruning.Importance;

/// <summary>Squared weights summed over a channel's slices (Torch-Pruning's
/// magnitude, p = 2, no root): no data needed.</summary>
public static class MagnitudeScore
{
    /// <summary>The method's name in options and files.</summary>
    public const string Method = "magnitude";

    /// <summary>One value per channel of the group.</summary>
    public static IReadOnlyList<double> Of(ChannelGroup group, NetworkSlicer network) =>
        GroupScore.Of(group, network, (weight, _) => weight.square().sum(1));
}
