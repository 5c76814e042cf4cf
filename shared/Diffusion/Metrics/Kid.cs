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
    public static double Distance(Tensor x, Tensor y)
    {
        Features.Check(x, y, "KID");
        using var scope = NewDisposeScope();
        return (Within(x) + Within(y) - (Kernel(x, y).mean() * 2)).item<double>();
    }

    // Mean over pairs of different samples.
    private static Tensor Within(Tensor x)
    {
        var (kernel, n) = (Kernel(x, x), x.shape[0]);
        return (kernel.sum() - kernel.trace()) / (double)(n * (n - 1));
    }

    private static Tensor Kernel(Tensor x, Tensor y) => ((x.mm(y.t()) / x.shape[1]) + 1).pow(3);
}
