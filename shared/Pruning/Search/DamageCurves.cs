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

    /// <summary>The damage of every level: equal where the mask is that of the next measured one, and else between
    /// the two around it, on a cubic that rises and falls where they do (Fritsch and Butland 1984).</summary>
    /// <param name="points">Measured levels, ascending; the last is the highest.</param>
    /// <param name="values">Their damages; level 0 has none.</param>
    public static double[] Complete(
        IReadOnlyList<IReadOnlyList<int>> skips, IReadOnlyList<int> points, IReadOnlyList<double> values)
    {
        double[] x = [0, .. points], y = [0, .. values];
        var slopes = Slopes(x, y);
        var curve = new double[skips.Count];
        for (var (level, next) = (1, 1); level < skips.Count; level++)
        {
            if (level > x[next])
                next++;
            curve[level] = skips[level].SequenceEqual(skips[points[next - 1]])
                ? y[next]
                : Cubic(level, x, y, slopes, next);
        }

        return curve;
    }

    // Of the cubic between two points, with their slopes (Hermite's form).
    private static double Cubic(double level, double[] x, double[] y, double[] slopes, int next)
    {
        var length = x[next] - x[next - 1];
        var t = (level - x[next - 1]) / length;
        var (rest, bend) = (1 - t, t * (1 - t));
        return (y[next - 1] * rest * rest * (1 + (2 * t))) + (y[next] * t * t * (1 + (2 * rest)))
            + (length * bend * ((slopes[next - 1] * rest) - (slopes[next] * t)));
    }

    private static double[] Slopes(double[] x, double[] y)
    {
        double[] widths = [.. x.Zip(x.Skip(1), (left, right) => right - left)];
        double[] rises = [.. y.Zip(y.Skip(1), (low, high) => high - low).Zip(widths, (rise, width) => rise / width)];
        return [.. Enumerable.Range(0, x.Length).Select(point =>
            rises.Length == 1 ? rises[0]
            : point == 0 ? End(widths[0], widths[1], rises[0], rises[1])
            : point == x.Length - 1 ? End(widths[^1], widths[^2], rises[^1], rises[^2])
            : Inner(widths[point - 1], widths[point], rises[point - 1], rises[point]))];
    }

    // The weighted harmonic mean of the rises on both sides; none at a peak.
    private static double Inner(double before, double after, double rise, double next)
    {
        if (rise * next <= 0)
            return 0;
        var (first, second) = ((2 * after) + before, after + (2 * before));
        return (first + second) / ((first / rise) + (second / next));
    }

    // The slope of the parabola through three points, as far as the curve keeps its direction.
    private static double End(double width, double other, double rise, double next)
    {
        var slope = ((((2 * width) + other) * rise) - (width * next)) / (width + other);
        return slope * rise <= 0 ? 0
            : rise * next <= 0 && Math.Abs(slope) > 3 * Math.Abs(rise) ? 3 * rise
            : slope;
    }
}
