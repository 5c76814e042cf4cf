namespace Mlops.Diffusion.Metrics;

/// <summary>Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub &amp; Van Loan 2013,
/// section 8.5).</summary>
public static class SymmetricEigen
{
    private const int MostSweeps = 60;

    /// <summary>Decomposes A = V·diag(λ)·Vᵀ.</summary>
    /// <param name="matrix">Square and symmetric; not changed.</param>
    /// <returns>λ in no order, and V with eigenvectors in its columns.</returns>
    public static (double[] Values, double[,] Vectors) Of(double[,] matrix)
    {
        var n = matrix.GetLength(0);
        var a = (double[,])matrix.Clone();
        var v = new double[n, n];
        for (var i = 0; i < n; i++)
            v[i, i] = 1;
        var scale = Frobenius(a);
        for (var sweep = 0; sweep < MostSweeps && OffDiagonal(a) > 1e-15 * scale; sweep++)
            for (var p = 0; p < n - 1; p++)
                for (var q = p + 1; q < n; q++)
                    Rotate(a, v, p, q);

        var values = new double[n];
        for (var i = 0; i < n; i++)
            values[i] = a[i, i];
        return (values, v);
    }

    /// <summary>The symmetric root V·diag(√λ)·Vᵀ; eigenvalues below zero by rounding count as zero.</summary>
    public static double[,] Root(double[,] matrix)
    {
        var (values, v) = Of(matrix);
        var n = values.Length;
        var root = new double[n, n];
        for (var k = 0; k < n; k++)
        {
            var s = Math.Sqrt(Math.Max(0, values[k]));
            for (var i = 0; i < n; i++)
                for (var j = 0; j < n; j++)
                    root[i, j] += s * v[i, k] * v[j, k];
        }

        return root;
    }

    private static void Rotate(double[,] a, double[,] v, int p, int q)
    {
        if (a[p, q] == 0)
            return;
        var tau = (a[q, q] - a[p, p]) / (2 * a[p, q]);
        var t = (tau >= 0 ? 1 : -1) / (Math.Abs(tau) + Math.Sqrt(1 + (tau * tau)));
        double c = 1 / Math.Sqrt(1 + (t * t)), s = t * c;
        var n = a.GetLength(0);
        for (var k = 0; k < n; k++)
            (a[k, p], a[k, q]) = ((c * a[k, p]) - (s * a[k, q]), (s * a[k, p]) + (c * a[k, q]));
        for (var k = 0; k < n; k++)
        {
            (a[p, k], a[q, k]) = ((c * a[p, k]) - (s * a[q, k]), (s * a[p, k]) + (c * a[q, k]));
            (v[k, p], v[k, q]) = ((c * v[k, p]) - (s * v[k, q]), (s * v[k, p]) + (c * v[k, q]));
        }
    }

    private static double Frobenius(double[,] a) => Math.Sqrt(a.Cast<double>().Sum(x => x * x));

    private static double OffDiagonal(double[,] a)
    {
        var sum = 0.0;
        for (var i = 0; i < a.GetLength(0); i++)
            for (var j = 0; j < i; j++)
                sum += 2 * a[i, j] * a[i, j];
        return Math.Sqrt(sum);
    }
}
