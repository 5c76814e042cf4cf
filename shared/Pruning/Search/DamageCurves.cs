namespace Mlops.Pruning.Search;

/// <summary>What each level of a stage damages while all other stages are whole: measured at some levels, carried on
/// between them.</summary>
public static class DamageCurves
{
    /// <summary>The levels to measure, ascending without 0: the highest of every run of equal masks; where these are
    /// more than <paramref name="most"/>, so many of them evenly, the last included.</summary>
    /// <param name="skips">[level] layers that are skipped.</param>
    public static int[] Points(IReadOnlyList<IReadOnlyList<int>> skips, int most)
    {
        int[] ends = [.. Enumerable.Range(1, skips.Count - 1).Where(
            level => level == skips.Count - 1 || !skips[level].SequenceEqual(skips[level + 1]))];
        return ends.Length <= most
            ? ends
            : [.. Enumerable.Range(1, most).Select(point => ends[(point * ends.Length / most) - 1])];
    }

    /// <summary>The damage of every level: linear between measured ones, equal where the mask is.</summary>
    /// <param name="points">Measured levels, ascending; the last is the highest.</param>
    /// <param name="values">Their damages; level 0 has none.</param>
    public static double[] Complete(
        IReadOnlyList<IReadOnlyList<int>> skips, IReadOnlyList<int> points, IReadOnlyList<double> values)
    {
        var curve = new double[skips.Count];
        for (var (level, next) = (1, 0); level < skips.Count; level++)
        {
            if (level > points[next])
                next++;
            var (left, low) = next == 0 ? (0, 0.0) : (points[next - 1], values[next - 1]);
            var part = (level - left) / (double)(points[next] - left);
            curve[level] = skips[level].SequenceEqual(skips[points[next]])
                ? values[next]
                : low + (part * (values[next] - low));
        }

        return curve;
    }
}
