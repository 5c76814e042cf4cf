using Mlops.Diffusion.Data;

namespace Mlops.Diffusion.Metrics;

/// <summary>A mean with its percentile interval.</summary>
/// <param name="Mean">Of the values themselves.</param>
public sealed record Interval(double Mean, double Low, double High);

/// <summary>Percentile bootstrap (Efron 1979).</summary>
public static class Bootstrap
{
    /// <summary>The interval of a mean.</summary>
    /// <param name="values">One per independent sample.</param>
    /// <param name="confidence">Coverage in (0, 1).</param>
    public static Interval Mean(IReadOnlyList<double> values, long seed, double confidence = 0.95, int resamples = 1000)
    {
        if (values.Count == 0)
            throw new InvalidDataException("an interval needs at least one value.");
        if (confidence is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "the coverage must be in (0, 1).");
        var random = new SeededRandom(Seeds.Of(seed, "bootstrap"));
        var means = new double[resamples];
        for (var r = 0; r < resamples; r++)
        {
            var sum = 0.0;
            for (var i = 0; i < values.Count; i++)
                sum += values[random.Below(values.Count)];
            means[r] = sum / values.Count;
        }

        Array.Sort(means);
        var tail = (1 - confidence) / 2;
        return new Interval(values.Average(), Quantile(means, tail), Quantile(means, 1 - tail));
    }

    /// <summary>A quantile of ascending values, interpolated.</summary>
    public static double Quantile(IReadOnlyList<double> sorted, double share)
    {
        var position = share * (sorted.Count - 1);
        var low = (int)position;
        var high = Math.Min(low + 1, sorted.Count - 1);
        return sorted[low] + ((position - low) * (sorted[high] - sorted[low]));
    }
}
