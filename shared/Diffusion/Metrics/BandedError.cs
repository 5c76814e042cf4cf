using static TorchSharp.torch;

namespace Mlops.Diffusion.Metrics;

/// <summary>Mean squared error between two trajectories, overall and per band of native timesteps.</summary>
/// <param name="trainTimesteps">T.</param>
/// <param name="bands">Number of equal bands of [0, T).</param>
public sealed class BandedError(int trainTimesteps, int bands)
{
    private readonly double[] _sums = new double[bands];
    private readonly long[] _counts = new long[bands];

    /// <summary>The mean over everything added; 0 before.</summary>
    public double Overall => _counts.Sum() is var count and > 0 ? _sums.Sum() / count : 0;

    /// <summary>First and last timestep of each band, ascending, its mean error (null if empty) and number of
    /// samples.</summary>
    public IReadOnlyList<(long From, long To, double? Mean, long Count)> Bands =>
        [.. Enumerable.Range(0, bands).Select(band => (
            Start(band),
            Start(band + 1) - 1,
            _counts[band] > 0 ? _sums[band] / _counts[band] : (double?)null,
            _counts[band]))];

    /// <summary>Adds two states [N, …] of equal step.</summary>
    public void Add(long nativeTimestep, Tensor a, Tensor b)
    {
        var band = (int)Math.Clamp(nativeTimestep * bands / trainTimesteps, 0, bands - 1);
        foreach (var error in PairedMetrics.Mse(a, b))
        {
            _sums[band] += error;
            _counts[band]++;
        }
    }

    // The smallest t with t·bands / T ≥ band.
    private long Start(int band) => (((long)band * trainTimesteps) + bands - 1) / bands;
}
