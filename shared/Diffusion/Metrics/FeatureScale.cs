namespace Mlops.Diffusion.Metrics;

/// <summary>
/// Puts every feature on the scale of a reference set: mean 0, standard deviation 1. The cubic kernel of KID is made
/// for features of that size; on raw ones a few large channels decide, and the estimate drowns in their noise.
/// </summary>
public sealed class FeatureScale
{
    // A channel that never moves in the reference tells nothing, and must not be blown up.
    private const double SmallestDeviation = 1e-6;

    private readonly double[] _mean;
    private readonly double[] _deviation;

    /// <summary>Measures the scale.</summary>
    /// <param name="reference">One row per sample, at least two.</param>
    public FeatureScale(double[][] reference)
    {
        if (reference.Length < 2)
            throw new ArgumentException("a scale needs at least two feature rows", nameof(reference));
        var columns = Enumerable.Range(0, reference[0].Length).ToArray();
        _mean = [.. columns.Select(column => reference.Average(row => row[column]))];
        _deviation =
        [
            .. columns.Select(column => Math.Sqrt(reference.Average(row => Math.Pow(row[column] - _mean[column], 2)))),
        ];
    }

    /// <summary>The rows on that scale.</summary>
    public double[][] Of(double[][] rows) =>
    [
        .. rows.Select(row => row.Select((value, column) => _deviation[column] > SmallestDeviation
            ? (value - _mean[column]) / _deviation[column]
            : 0).ToArray()),
    ];
}
