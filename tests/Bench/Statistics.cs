using System.Diagnostics;

namespace Mlops.Bench;

/// <summary>Times and their order statistics: noise on a shared machine only ever adds time.</summary>
public static class Statistics
{
    /// <summary>Wall time of one step.</summary>
    public static double Milliseconds(Action step)
    {
        var begin = Stopwatch.GetTimestamp();
        step();
        return Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
    }

    /// <summary>The median; of an even number of values the mean of the two in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0
            ? throw new ArgumentException("no values", nameof(values))
            : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The smallest value that so many of all are not above.</summary>
    /// <param name="sorted">In ascending order.</param>
    /// <param name="share">In (0, 1]: 0.99.</param>
    public static double Quantile(IReadOnlyList<double> sorted, double share) =>
        sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)];
}
