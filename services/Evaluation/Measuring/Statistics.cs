using Mlops.Pruning.Search;

namespace Mlops.Evaluation.Measuring;

/// <summary>Summaries of repeated measurements.</summary>
public static class Statistics
{
    private const int Resamples = 1000;

    /// <summary>The q-quantile with linear interpolation between order statistics.</summary>
    public static double Quantile(IReadOnlyCollection<double> values, double q)
    {
        if (values.Count == 0)
            throw new ArgumentException("a quantile needs at least one value", nameof(values));
        var sorted = values.Order().ToArray();
        var position = q * (sorted.Length - 1);
        var low = (int)position;
        var high = Math.Min(low + 1, sorted.Length - 1);
        return sorted[low] == sorted[high]
            ? sorted[low]
            : sorted[low] + ((position - low) * (sorted[high] - sorted[low]));
    }

    /// <summary>95 % percentile-bootstrap interval of the mean (Efron 1979), over 1000 seeded resamples.</summary>
    public static (double Low, double High) MeanInterval(IReadOnlyList<double> values, long seed)
    {
        var means = new double[Resamples];
        for (var r = 0; r < Resamples; r++)
        {
            var random = new SearchRandom(seed, r, 0);
            for (var i = 0; i < values.Count; i++)
                means[r] += values[random.Between(0, values.Count - 1)] / values.Count;
        }

        return (Quantile(means, 0.025), Quantile(means, 0.975));
    }
}
