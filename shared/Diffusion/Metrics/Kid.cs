using Mlops.Diffusion.Data;

namespace Mlops.Diffusion.Metrics;

/// <summary>Kernel distance (Bińkowski et al. 2018, section 4): the unbiased squared maximum mean discrepancy under
/// k(x, y) = (x·y/d + 1)³, on whatever features the caller names.</summary>
public static class Kid
{
    /// <summary>The estimate on all features.</summary>
    /// <param name="x">Features of one set, one row per sample.</param>
    /// <param name="y">Features of the other.</param>
    /// <returns>May be slightly negative: it is unbiased.</returns>
    public static double Of(double[][] x, double[][] y)
    {
        Check(x, y);
        return (Within(x) / ((double)x.Length * (x.Length - 1)))
            + (Within(y) / ((double)y.Length * (y.Length - 1)))
            - (2 * Between(x, y) / ((double)x.Length * y.Length));
    }

    /// <summary>Mean and standard deviation over random subsets of both sets.</summary>
    /// <param name="x">Features of one set.</param>
    /// <param name="y">Features of the other.</param>
    /// <param name="subsets">Number of subsets.</param>
    /// <param name="size">Samples per subset, drawn without repetition; at most the smaller set.</param>
    /// <param name="seed">Seed of the choice.</param>
    public static (double Mean, double Deviation) Subsets(double[][] x, double[][] y, int subsets, int size, long seed)
    {
        Check(x, y);
        if (subsets < 1)
            throw new ArgumentOutOfRangeException(nameof(subsets), subsets, "at least 1 subset is needed.");
        var most = Math.Min(size, Math.Min(x.Length, y.Length));
        var values = new double[subsets];
        for (var s = 0; s < subsets; s++)
        {
            var random = new SeededRandom(Seeds.Of(seed, "kid", s));
            values[s] = Of(Pick(x, most, ref random), Pick(y, most, ref random));
        }

        var mean = values.Average();
        return (mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / Math.Max(1, subsets - 1)));
    }

    private static double[][] Pick(double[][] rows, int size, ref SeededRandom random) =>
        [.. random.Permutation(rows.Length).Take(size).Select(index => rows[index])];

    private static double Within(double[][] rows)
    {
        var sum = 0.0;
        for (var i = 0; i < rows.Length; i++)
            for (var j = i + 1; j < rows.Length; j++)
                sum += 2 * Kernel(rows[i], rows[j]);
        return sum;
    }

    private static double Between(double[][] x, double[][] y) => x.Sum(a => y.Sum(b => Kernel(a, b)));

    private static double Kernel(double[] a, double[] b)
    {
        var dot = 0.0;
        for (var i = 0; i < a.Length; i++)
            dot += a[i] * b[i];
        var root = (dot / a.Length) + 1;
        return root * root * root;
    }

    private static void Check(double[][] x, double[][] y)
    {
        if (x.Length < 2 || y.Length < 2 || x.Concat(y).Any(row => row.Length != x[0].Length || row.Length == 0))
            throw new InvalidDataException(
                $"KID needs at least two feature rows of equal length on both sides, but got {x.Length} and "
                + $"{y.Length} rows.");
    }
}
