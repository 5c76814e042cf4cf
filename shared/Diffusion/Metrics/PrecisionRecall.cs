using static TorchSharp.torch;

namespace Mlops.Diffusion.Metrics;

/// <summary>Precision and recall (Kynkäänniemi et al. 2019, section 2) and density (Naeem et al. 2020, equation 4) in
/// a feature space. The manifold of a set is the union of balls around its rows, each as large as the distance to the
/// third nearest other row.</summary>
/// <param name="Precision">Share of the generated images on the manifold of the real ones.</param>
/// <param name="Recall">Share of the real images on the manifold of the generated ones.</param>
/// <param name="Density">Balls of real images around a generated one, of three expected; may exceed 1.</param>
public sealed record PrecisionRecall(Jackknife Precision, Jackknife Recall, Jackknife Density)
{
    /// <summary>k: which neighbor a ball reaches.</summary>
    public const int Neighbors = 3;

    /// <summary>Estimates all three. Distances exist for one group of a tenth of the rows at a time.</summary>
    /// <param name="real">Features [N, D], float64.</param>
    /// <param name="generated">Features [M, D]; as many, for the size of a ball depends on the number.</param>
    /// <exception cref="InvalidDataException">Too few rows, or rows of unequal length.</exception>
    public static PrecisionRecall Estimate(Tensor real, Tensor generated)
    {
        Features.Check(real, generated, "precision and recall");
        var groups = Jackknife.Groups(real, generated);
        var fewest = Math.Min(real.shape[0], generated.shape[0]);
        if (fewest - ((fewest + groups - 1) / groups) <= Neighbors)
            throw new InvalidDataException(
                $"precision and recall need at least {2 * Neighbors} rows in each set, but got {fewest}.");
        using var scope = NewDisposeScope();
        Tensor[] x = real.tensor_split(groups), y = generated.tensor_split(groups);
        var (precision, density) = Cover(y, x);
        return new(precision, Cover(x, y).Covered, density);
    }

    private static (Jackknife Covered, Jackknife Density) Cover(Tensor[] points, Tensor[] manifold)
    {
        using var scope = NewDisposeScope();
        var groups = points.Length;
        var rows = cat(manifold, 0);
        var radii = Radii(manifold, rows);                                      // [groups + 1, N], the last with all
        var (covered, balls) = (new double[groups + 1, groups], new double[groups + 1, groups]);
        for (var group = 0; group < groups; group++)
        {
            using var inner = NewDisposeScope();
            var distances = Squared(points[group], rows);
            for (var without = 0; without <= groups; without++)
            {
                var inside = distances.le(radii[without]);                      // [n, N]
                covered[without, group] = inside.any(1).sum().item<long>();
                balls[without, group] = inside.sum().item<long>();
            }
        }

        return (Jackknife.Compute(groups, without => Share(covered, without)),
            Jackknife.Compute(groups, without => Share(balls, without) / Neighbors));

        double Share(double[,] counts, int? without) => Enumerable.Range(0, groups)
            .Where(group => group != without).Sum(group => counts[without ?? groups, group])
            / Features.Rows(points, without);
    }

    // Squared; −1, in which nothing lies, for the rows that are left out.
    private static Tensor Radii(Tensor[] manifold, Tensor rows)
    {
        using var scope = NewDisposeScope();
        var groups = manifold.Length;
        var found = new List<Tensor>();
        for (var group = 0; group < groups; group++)
        {
            using var inner = NewDisposeScope();
            var distances = Squared(manifold[group], rows);
            var radii = zeros(groups + 1, manifold[group].shape[0], rows.dtype, rows.device);
            for (var without = 0; without <= groups; without++)
            {
                Tensor[] kept = [.. distances.tensor_split(groups, 1).Where((_, other) => other != without)];
                // A row's nearest is itself.
                radii[without] = without == group
                    ? full_like(radii[without], -1)
                    : cat(kept, 1).topk(Neighbors + 1, 1, largest: false).values.amax([1L]);
            }

            found.Add(inner.MoveToOuter(radii));
        }

        return scope.MoveToOuter(cat(found, 1));
    }

    private static Tensor Squared(Tensor x, Tensor y)
    {
        using var scope = NewDisposeScope();
        var lengths = x.square().sum(1, keepdim: true) + y.square().sum(1);     // [n, 1] + [N]
        return scope.MoveToOuter((lengths - (x.mm(y.t()) * 2)).clamp_min(0));
    }
}
