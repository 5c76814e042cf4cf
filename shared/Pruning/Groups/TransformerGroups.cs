namespace Mlops.Pruning.Groups;

/// <summary>
/// The groups of a DiT: whole attention heads and hidden neurons of the feed-forward part, the two structures whose
/// removal equals masking exactly. The residual stream, its norms and the modulation keep their width.
/// </summary>
public static class TransformerGroups
{
    /// <summary>Two groups per block, in execution order.</summary>
    public static IReadOnlyList<ChannelGroup> Find(NetworkShape network)
    {
        var groups = new List<ChannelGroup>();
        for (var block = 0; network.Has($"transformer_blocks.{block}.attn1.to_v"); block++)
        {
            if (network.LeftOut.Contains($"transformer_blocks.{block}"))
                continue;
            groups.Add(Heads($"transformer_blocks.{block}.attn1", network));
            groups.Add(Hidden($"transformer_blocks.{block}.ff.net", network));
        }

        return groups;
    }

    private static ChannelGroup Heads(string attention, NetworkShape network)
    {
        var width = network.OutChannels($"{attention}.to_v");
        return new ChannelGroup($"{attention}.to_v", width, 1, width / network.Heads(attention),
        [
            Member($"{attention}.to_v", MemberKind.LinearOut, width, width),
            Member($"{attention}.to_out.0", MemberKind.LinearIn, width, width),
            Member($"{attention}.to_k", MemberKind.LinearOut, width, width),
            Member($"{attention}.to_q", MemberKind.LinearOut, width, width),
        ]);
    }

    /// <summary>A gated unit has value and gate rows i and i + F for hidden neuron i; a plain one has row i.</summary>
    private static ChannelGroup Hidden(string net, NetworkShape network)
    {
        var hidden = network.InChannels($"{net}.2");
        return new ChannelGroup($"{net}.0.proj", hidden, 1, 1,
        [
            Member($"{net}.0.proj", MemberKind.LinearOut, network.OutChannels($"{net}.0.proj"), hidden),
            Member($"{net}.2", MemberKind.LinearIn, hidden, hidden),
        ]);
    }

    private static GroupMember Member(string module, MemberKind kind, int channels, int roots) => new(
        module, kind, [.. Enumerable.Range(0, channels).Select(channel => (long)channel)],
        [.. Enumerable.Range(0, channels).Select(channel => (long)(channel % roots))]);
}
