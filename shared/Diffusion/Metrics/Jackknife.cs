using MathNet.Numerics.Distributions;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Metrics;

/// <summary>The delete-a-group jackknife (Shao and Wu 1989): an estimate, and what it would be without each group. It
/// leaves a bias that falls with the number of images alone, and makes no image twice, as a bootstrap would: copies
/// shrink the distances to nearest neighbors and look like a narrower distribution to a covariance.</summary>
/// <param name="Value">From all groups.</param>
/// <param name="Without">The same without one group, for each; empty where there are too few rows.</param>
public sealed record Jackknife(double Value, IReadOnlyList<double> Without)
{
    private const int MostGroups = 10;

    /// <summary>Student's interval around the value, with the jackknife's standard error.</summary>
    /// <param name="confidence">Coverage in (0, 1).</param>
    /// <exception cref="InvalidDataException">There are fewer than two groups.</exception>
    public Interval Interval(double confidence = 0.95)
    {
        var groups = Without.Count;
        if (groups < 2)
            throw new InvalidDataException("an interval needs at least two groups of two rows.");
        var mean = Without.Average();
        var error = Math.Sqrt(Without.Sum(value => (value - mean) * (value - mean)) * (groups - 1) / groups);
        var reach = StudentT.InvCDF(0, 1, groups - 1, (1 + confidence) / 2) * error;
        return new(Value, Value - reach, Value + reach);
    }

    /// <summary>Computes the estimate with every group and without each.</summary>
    /// <param name="without">From the group that is left out, or null, to the estimate.</param>
    internal static Jackknife Compute(int groups, Func<int?, double> without) =>
        new(without(null), [.. Enumerable.Range(0, groups > 1 ? groups : 0).Select(group => without(group))]);

    /// <summary>How many groups two sets are cut into: each has two rows or more.</summary>
    internal static int Groups(Tensor x, Tensor y) =>
        (int)Math.Clamp(Math.Min(x.shape[0], y.shape[0]) / 2, 1, MostGroups);
}
