using MathNet.Numerics;

namespace Mlops.Pruning.Groups;

/// <summary>
/// Collects what must shrink together with each layer's output channels, in Torch-Pruning 1.2.5's order: depth first,
/// producers before consumers, repeated visits merged into the first.
/// </summary>
public static class GroupFinder
{
    /// <summary>All groups whose members may shrink.</summary>
    /// <param name="nodes">The traced graph; the first node is the network's output and keeps its channels.</param>
    public static IReadOnlyList<ChannelGroup> Find(IReadOnlyList<ChannelNode> nodes, NetworkShape network)
    {
        var grouped = new HashSet<string>(StringComparer.Ordinal) { nodes[0].Module };
        var groups = new List<ChannelGroup>();
        foreach (var met in nodes.Where(node => node.Mixes && !grouped.Contains(node.Module)))
        {
            var (root, visits) = Rooted(met);
            var fixedOutput = visits.Any(visit => visit.Node == nodes[0] && visit.IsOutput);
            grouped.UnionWith(
                visits.Where(visit => visit.IsOutput && visit.Node.Mixes).Select(visit => visit.Node.Module));
            if (!fixedOutput)
                groups.Add(Group(root, visits, network));
        }

        return groups;
    }

    /// <summary>
    /// A projection whose halves are tied to the same channels (scale and shift) cannot number a group: the narrowest
    /// producer that it is tied to does.
    /// </summary>
    private static (ChannelNode Root, List<Visit> Visits) Rooted(ChannelNode met)
    {
        var visits = Walk(met);
        if (visits.Count(visit => visit.Node == met && visit.IsOutput) == 1)
            return (met, visits);

        var root = visits.Where(visit => visit.IsOutput && visit.Node.Mixes).MinBy(visit => visit.Node.Width)!.Node;
        return (root, Walk(root));
    }

    private static List<Visit> Walk(ChannelNode root)
    {
        var all = Enumerable.Range(0, root.Width).ToArray();
        var first = new Visit(root, true, all, all);
        var visits = new List<Visit> { first };
        var stack = new Stack<Visit>([first]);
        while (stack.TryPop(out var visit))
            foreach (var next in Neighbors(visit).Where(next => next.Channels.Length > 0 && !Seen(visits, next)))
            {
                visits.Add(next);
                stack.Push(next);
            }

        return visits;
    }

    private static IEnumerable<Visit> Neighbors(Visit visit)
    {
        var node = visit.Node;
        if (!(node.Mixes && visit.IsOutput))
            foreach (var input in node.Inputs)
                yield return ToInput(visit, input);
        if (!node.Mixes || visit.IsOutput)
            foreach (var output in node.Outputs)
                yield return ToOutput(visit, output);
    }

    private static Visit ToInput(Visit visit, ChannelNode input)
    {
        var shift = visit.Node.Kind == NodeKind.Slice ? visit.Node.SliceStart : -visit.Node.OffsetOf(input);
        return Shifted(visit, input, true, shift, input.Width);
    }

    private static Visit ToOutput(Visit visit, ChannelNode output)
    {
        var shift = output.Kind == NodeKind.Slice ? -output.SliceStart : output.OffsetOf(visit.Node);
        return Shifted(visit, output, !output.Mixes, shift, output.Mixes ? visit.Node.Width : output.Width);
    }

    private static Visit Shifted(Visit visit, ChannelNode node, bool isOutput, int shift, int width)
    {
        var inside = Enumerable.Range(0, visit.Channels.Length)
            .Where(i => visit.Channels[i] + shift >= 0 && visit.Channels[i] + shift < width).ToArray();
        return new Visit(
            node, isOutput,
            [.. inside.Select(i => visit.Channels[i] + shift)], [.. inside.Select(i => visit.Roots[i])]);
    }

    private static bool Seen(List<Visit> visits, Visit next) => visits.Any(visit =>
        visit.Node == next.Node && visit.IsOutput == next.IsOutput && visit.Channels.SequenceEqual(next.Channels));

    private static ChannelGroup Group(ChannelNode root, List<Visit> visits, NetworkShape network)
    {
        var members = visits.Where(visit => visit.Node.Module.Length > 0)
            .GroupBy(visit => (visit.Node, visit.IsOutput))
            .Select(visit => Member(visit.Key.Node, visit.Key.IsOutput, visit))
            .ToArray();
        var norms = members.Where(member => member.Kind == MemberKind.GroupNorm)
            .Select(member => network.NormGroups(member.Module));
        var heads = members.Where(member => member.Module.EndsWith(".to_v", StringComparison.Ordinal)
                && member.Kind == MemberKind.LinearOut)
            .Select(member => network.Heads(member.Module[..^".to_v".Length]));
        return new ChannelGroup(root.Module, root.Width, Runs(root.Width, norms.Concat(heads)), 1, members);
    }

    /// <summary>The least common multiple suits norms of unlike numbers of groups; where it cuts no equal runs, every
    /// channel is a run of its own, which stays.</summary>
    private static int Runs(int width, IEnumerable<int> groups)
    {
        var runs = Euclid.LeastCommonMultiple([.. groups.Select(count => (long)count)]);
        return width % runs == 0 ? (int)runs : width;
    }

    private static GroupMember Member(ChannelNode node, bool isOutput, IEnumerable<Visit> visits)
    {
        var pairs = visits.SelectMany(visit => visit.Channels.Zip(visit.Roots)).Distinct()
            .OrderBy(pair => pair.First).ToArray();
        var kind = (node.Kind, isOutput) switch
        {
            (NodeKind.Conv, true) => MemberKind.ConvOut,
            (NodeKind.Conv, false) => MemberKind.ConvIn,
            (NodeKind.Linear, true) => MemberKind.LinearOut,
            (NodeKind.Linear, false) => MemberKind.LinearIn,
            (NodeKind.Embedding, _) => MemberKind.Embedding,
            _ => MemberKind.GroupNorm,
        };
        return new GroupMember(
            node.Module, kind,
            [.. pairs.Select(pair => (long)pair.First)], [.. pairs.Select(pair => (long)pair.Second)]);
    }

    /// <summary>Channels of one side of a node, each with the root channel it came from.</summary>
    private sealed record Visit(ChannelNode Node, bool IsOutput, int[] Channels, int[] Roots);
}
