using static TorchSharp.torch;

namespace Mlops.Diffusion.Metrics;

/// <summary>The Fréchet distance between two Gaussians fitted to features (Dowson &amp; Landau 1982; Heusel et al.
/// 2017): |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2·(Σ₁^½·Σ₂·Σ₁^½)^½).</summary>
public static class Frechet
{
    /// <summary>The distance; biased upwards for few samples, so compare equal counts only.</summary>
    /// <param name="x">Features of one set [N, D], float64.</param>
    /// <param name="y">Features of the other [M, D].</param>
    public static double Distance(Tensor x, Tensor y)
    {
        Features.Check(x, y, "the Fréchet distance");
        using var scope = NewDisposeScope();
        return Distance(x.mean([0L]), cov(x.t()), y.mean([0L]), cov(y.t()));
    }

    /// <summary>The same with its jackknife: both sets lose the group of equal place.</summary>
    public static Jackknife Estimate(Tensor x, Tensor y)
    {
        Features.Check(x, y, "the Fréchet distance");
        using var scope = NewDisposeScope();
        var groups = Jackknife.Groups(x, y);
        Tensor[] first = x.tensor_split(groups), second = y.tensor_split(groups);
        return Jackknife.Compute(groups, without => Distance(Rest(first, without), Rest(second, without)));

        Tensor Rest(Tensor[] all, int? without) => cat([.. all.Where((_, group) => group != without)], 0);
    }

    /// <summary>The distance for known means [D] and covariances [D, D], float64.</summary>
    public static double Distance(Tensor meanX, Tensor covarianceX, Tensor meanY, Tensor covarianceY)
    {
        using var scope = NewDisposeScope();
        var root = Root(covarianceX);
        var product = root.mm(covarianceY).mm(root);
        // Eigenvalues below zero are rounding; the product is symmetric but for rounding, too.
        var overlap = linalg.eigvalsh((product + product.t()) / 2).clamp_min(0).sqrt().sum();
        var distance = (meanX - meanY).square().sum() + covarianceX.trace() + covarianceY.trace() - (overlap * 2);
        return Math.Max(0, distance.item<double>());
    }

    // The symmetric root V·diag(√λ)·Vᵀ.
    private static Tensor Root(Tensor covariance)
    {
        var (values, vectors) = linalg.eigh(covariance);
        return (vectors * values.clamp_min(0).sqrt()).mm(vectors.t());
    }
}
