using Mlops.Diffusion;
using Mlops.Pruning.Groups;

namespace Mlops.Pruning.Importance;

/// <summary>Uniform noise, a function of seed and structure alone:
/// the baseline that every criterion must beat.</summary>
public static class RandomScore
{
    /// <summary>The method's name in options and files.</summary>
    public const string Method = "random";

    /// <summary>Scores for groups of channels.</summary>
    public static ChannelScore Channels(long seed) => (group, _) => Draw(seed, group.Root, group.Width);

    /// <summary>Values in [0, 1) for the units of one structure.</summary>
    public static double[] Draw(long seed, string structure, int units) =>
        [.. Enumerable.Range(0, units)
            .Select(unit => Seeds.Of(seed, $"random:{structure}", unit) / (double)(1UL << 63))];
}
