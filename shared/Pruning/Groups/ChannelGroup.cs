namespace Mlops.Pruning.Groups;

/// <summary>Which dimension of which layer a group touches; the names are those of Torch-Pruning's functions.</summary>
public enum MemberKind
{
    ConvOut,
    ConvIn,
    LinearOut,
    LinearIn,
    GroupNorm,
    Embedding,
}

/// <summary>One layer of a group.</summary>
/// <param name="Module">Path of the layer.</param>
/// <param name="Kind">The dimension that shrinks.</param>
/// <param name="Channels">The member's own channel numbers, ascending.</param>
/// <param name="RootChannels">For each of them, the channel of the group's root that it stands or falls with.</param>
public sealed record GroupMember(
    string Module, MemberKind Kind, IReadOnlyList<long> Channels, IReadOnlyList<long> RootChannels)
{
    /// <summary>Whether the member has weights that count towards a score: norms and tables do not.</summary>
    public bool IsScored => Kind is not (MemberKind.GroupNorm or MemberKind.Embedding);
}

/// <summary>Layers that must lose the same channel together.</summary>
/// <param name="Root">The layer whose output channels number the group.</param>
/// <param name="Width">Output channels of the root.</param>
/// <param name="NormGroups">
/// Equal runs of channels that must keep equal widths: the least common multiple of the group counts of the group norms
/// and of the number of heads; 1 when channels are free.
/// </param>
/// <param name="UnitSize">Consecutive channels that only go together: the width of an attention head, else 1.</param>
/// <param name="Members">The root first.</param>
public sealed record ChannelGroup(
    string Root, int Width, int NormGroups, int UnitSize, IReadOnlyList<GroupMember> Members)
{
    /// <summary>
    /// Units that leave each norm group when the ratio <paramref name="ratio"/> is due: n − floor(n (1 − r)) divided
    /// evenly over the norm groups, rounded down (Diff-Pruning's copy of Torch-Pruning).
    /// </summary>
    public int DuePerNormGroup(double ratio)
    {
        if (ratio is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "must be in [0, 1)");

        var units = Width / UnitSize;
        // One unit of every norm group stays, whatever the ratio.
        return Math.Min((units - (int)(units * (1 - ratio))) / NormGroups, (units / NormGroups) - 1);
    }

    /// <summary>The channels that go, ascending: in each norm group
    /// the units of lowest score, ties to the lower index.</summary>
    /// <param name="scores">One score per channel of the root; a unit's score is the sum of its channels'.</param>
    /// <param name="perNormGroup">Units to remove from each norm group.</param>
    public long[] Lowest(IReadOnlyList<double> scores, int perNormGroup)
    {
        if (scores.Count != Width)
            throw new ArgumentException($"{scores.Count} scores for the {Width} channels of '{Root}'", nameof(scores));

        var units = Width / UnitSize;
        var run = units / NormGroups;
        var unitScores = Enumerable.Range(0, units)
            .Select(unit => Enumerable.Range(unit * UnitSize, UnitSize).Sum(channel => scores[channel])).ToArray();
        return [.. Enumerable.Range(0, NormGroups)
            .SelectMany(group =>
                Enumerable.Range(group * run, run).OrderBy(unit => unitScores[unit]).Take(perNormGroup))
            .SelectMany(unit => Enumerable.Range(unit * UnitSize, UnitSize)).Order().Select(channel => (long)channel)];
    }
}
