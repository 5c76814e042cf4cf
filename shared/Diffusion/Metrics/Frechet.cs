namespace Mlops.Diffusion.Metrics;

/// <summary>The Fréchet distance between two Gaussians fitted to features (Dowson &amp; Landau 1982; Heusel et al.
/// 2017):
/// |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2·(Σ₁^½·Σ₂·Σ₁^½)^½).</summary>
public static class Frechet
{
    /// <summary>The distance; biased upwards for few samples, so compare equal counts only.</summary>
    /// <param name="x">Features of one set, one row per sample.</param>
    /// <param name="y">Features of the other.</param>
    public static double Distance(double[][] x, double[][] y)
    {
        if (x.Length < 2 || y.Length < 2 || x.Concat(y).Any(row => row.Length != x[0].Length || row.Length == 0))
            throw new InvalidDataException(
                $"the Fréchet distance needs two feature rows of equal length on both sides, but got {x.Length} "
                + $"and {y.Length} rows.");
        var (meanX, covarianceX) = Moments(x);
        var (meanY, covarianceY) = Moments(y);

        return Distance(meanX, covarianceX, meanY, covarianceY);
    }

    /// <summary>The distance for known means and covariances.</summary>
    public static double Distance(double[] meanX, double[,] covarianceX, double[] meanY, double[,] covarianceY)
    {
        var root = SymmetricEigen.Root(covarianceX);
        var (values, _) = SymmetricEigen.Of(Symmetric(Product(Product(root, covarianceY), root)));
        var distance = -2 * values.Sum(value => Math.Sqrt(Math.Max(0, value)));
        for (var i = 0; i < meanX.Length; i++)
            distance += Math.Pow(meanX[i] - meanY[i], 2) + covarianceX[i, i] + covarianceY[i, i];

        return Math.Max(0, distance);
    }

    /// <summary>Mean and unbiased covariance of rows.</summary>
    public static (double[] Mean, double[,] Covariance) Moments(double[][] rows)
    {
        var d = rows[0].Length;
        var mean = new double[d];
        foreach (var row in rows)
            for (var i = 0; i < d; i++)
                mean[i] += row[i] / rows.Length;
        var covariance = new double[d, d];
        foreach (var row in rows)
            for (var i = 0; i < d; i++)
                for (var j = 0; j < d; j++)
                    covariance[i, j] += (row[i] - mean[i]) * (row[j] - mean[j]) / (rows.Length - 1);

        return (mean, covariance);
    }

    private static double[,] Product(double[,] a, double[,] b)
    {
        var n = a.GetLength(0);
        var product = new double[n, n];
        for (var i = 0; i < n; i++)
            for (var k = 0; k < n; k++)
                for (var j = 0; j < n; j++)
                    product[i, j] += a[i, k] * b[k, j];

        return product;
    }

    private static double[,] Symmetric(double[,] a)
    {
        var n = a.GetLength(0);
        var mean = new double[n, n];
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++)
                mean[i, j] = (a[i, j] + a[j, i]) / 2;

        return mean;
    }
}
