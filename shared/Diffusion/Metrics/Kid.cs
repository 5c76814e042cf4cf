using static TorchSharp.torch;

namespace Mlops.Diffusion.Metrics;

/// <summary>Kernel distance (Bińkowski et al. 2018, section 4): the unbiased squared maximum mean discrepancy under
/// k(x, y) = (x·y/d + 1)³, on whatever features the caller names.</summary>
public static class Kid
{
    /// <summary>The estimate on all features.</summary>
    /// <param name="x">Features of one set [N, D], float64.</param>
    /// <param name="y">Features of the other [M, D].</param>
    /// <returns>May be slightly negative: it is unbiased.</returns>
    public static double Distance(Tensor x, Tensor y) => Estimate(x, y).Value;

    /// <summary>The same with its jackknife; the kernel exists for two groups at a time only.</summary>
    public static Jackknife Estimate(Tensor x, Tensor y)
    {
        Features.Check(x, y, "KID");
        using var scope = NewDisposeScope();
        var groups = Jackknife.Groups(x, y);
        Tensor[] first = x.tensor_split(groups), second = y.tensor_split(groups);
        double[,] xx = Sums(first, first), yy = Sums(second, second), xy = Sums(first, second);
        return Jackknife.Compute(groups, without =>
        {
            double n = Features.Rows(first, without), m = Features.Rows(second, without);
            return (Total(xx, without) / (n * (n - 1))) + (Total(yy, without) / (m * (m - 1)))
                - (2 * Total(xy, without) / (n * m));
        });
    }

    // Of the kernel between groups; an image is never paired with itself.
    private static double[,] Sums(Tensor[] x, Tensor[] y)
    {
        var sums = new double[x.Length, y.Length];
        for (var i = 0; i < x.Length; i++)
            for (var j = 0; j < y.Length; j++)
            {
                using var scope = NewDisposeScope();
                var kernel = ((x[i].mm(y[j].t()) / x[i].shape[1]) + 1).pow(3);
                sums[i, j] = (x == y && i == j ? kernel.sum() - kernel.trace() : kernel.sum()).item<double>();
            }
        return sums;
    }

    private static double Total(double[,] sums, int? without)
    {
        var total = 0.0;
        for (var i = 0; i < sums.GetLength(0); i++)
            for (var j = 0; j < sums.GetLength(1); j++)
                total += i == without || j == without ? 0 : sums[i, j];
        return total;
    }
}
