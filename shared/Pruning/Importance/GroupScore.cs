using Mlops.Diffusion;
using Mlops.Pruning.Groups;
using static TorchSharp.torch;

namespace Mlops.Pruning.Importance;

/// <summary>
/// Score of a channel group (Torch-Pruning 1.2.5): each member adds, at the root channel that its channel belongs to,
/// a value computed from that channel's slice of its weight; the sum is divided by the number of such members and by
/// its mean over channels. Biases, norms and tables do not count.
/// </summary>
internal static class GroupScore
{
    /// <summary>One value per root channel.</summary>
    /// <param name="slices">From weight and gradient, both [channels, rest], to one value per channel.</param>
    public static double[] Of(ChannelGroup group, NetworkSlicer network, Func<Tensor, Tensor?, Tensor> slices)
    {
        var scores = new double[group.Width];
        var members = group.Members.Where(member => member.IsScored).ToArray();
        foreach (var member in members)
        {
            var values = MemberValues(member, network, slices);
            foreach (var (channel, root) in member.Channels.Zip(member.RootChannels))
                scores[root] += values[channel] / members.Length;
        }

        var mean = scores.Average();
        return mean > 0 ? [.. scores.Select(score => score / mean)] : scores;
    }

    private static double[] MemberValues(
        GroupMember member, NetworkSlicer network, Func<Tensor, Tensor?, Tensor> slices)
    {
        using var scope = NewDisposeScope();
        var weight = network.Weights[$"{member.Module}.weight"];
        var gradient = network.Gradients.GetValueOrDefault($"{member.Module}.weight");
        var isInput = member.Kind is MemberKind.ConvIn or MemberKind.LinearIn;
        return slices(ByChannel(weight), gradient is null ? null : ByChannel(gradient))
            .Doubles();

        // [out, in, …] -> [out, in·…], or [in, out·…] where the member loses inputs
        Tensor ByChannel(Tensor tensor) => (isInput ? tensor.transpose(0, 1) : tensor).flatten(1);
    }
}
