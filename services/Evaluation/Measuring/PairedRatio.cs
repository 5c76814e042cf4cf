using Mlops.Diffusion.Metrics;

namespace Mlops.Evaluation.Measuring;

/// <summary>The ratio of two means over pairs: losses of both models on equal images, timesteps and noise. What both
/// share cancels, so the interval is much narrower than that of either mean.</summary>
public static class PairedRatio
{
    // 1 % of the normal distribution lies beyond it, on either side.
    private const double Deviations = 2.3263;

    /// <summary>Pruned by dense, with the 98 % interval of the delta method for a ratio of means: the residuals
    /// p - r d of the pairs take the place of single values.</summary>
    /// <param name="dense">One value per pair; their mean is above 0.</param>
    /// <param name="pruned">The others, in the same order.</param>
    public static Interval Of(IReadOnlyList<double> dense, IReadOnlyList<double> pruned)
    {
        var mean = dense.Average();
        var ratio = pruned.Average() / mean;
        var squares = dense.Zip(pruned, (d, p) => (p - (ratio * d)) * (p - (ratio * d))).Sum();
        var margin = Deviations * Math.Sqrt(squares / Math.Max(1, dense.Count - 1) / dense.Count) / mean;
        return new(ratio, ratio - margin, ratio + margin);
    }
}
