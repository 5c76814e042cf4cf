using Mlops.Pruning.Groups;
using static TorchSharp.torch;

namespace Mlops.Pruning.Importance;

/// <summary>
/// First-order Taylor scores on accumulated gradients: Σ|w·g| (Diff-Pruning, arXiv 2305.10924, its eq. for I(θ) with
/// the absolute value inside) or |Σ w·g| (plain Taylor). The gradients were summed, signed, over timesteps.
/// </summary>
public static class TaylorScore
{
    /// <summary>Name of the plain criterion, over all timesteps, in options and files.</summary>
    public const string PlainMethod = "taylor";

    /// <summary>Σ|w·g| over a channel's slices.</summary>
    public static IReadOnlyList<double> DiffPruning(ChannelGroup group, NetworkSlicer network) =>
        GroupScore.Of(group, network, (weight, gradient) => (weight * Given(gradient, group)).abs().sum(1));

    /// <summary>|Σ w·g| over a channel's slices.</summary>
    public static IReadOnlyList<double> Plain(ChannelGroup group, NetworkSlicer network) =>
        GroupScore.Of(group, network, (weight, gradient) => (weight * Given(gradient, group)).sum(1).abs());

    private static Tensor Given(Tensor? gradient, ChannelGroup group) => gradient
        ?? throw new InvalidDataException(
            $"no gradients are stored for the group of '{group.Root}'; score importance with 'diff-pruning' again");
}
