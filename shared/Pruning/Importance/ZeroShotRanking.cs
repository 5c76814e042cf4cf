namespace Mlops.Pruning.Importance;

/// <summary>EntPruner's choice among candidate networks (arXiv 2511.21122): both zero-shot scores rank them, 1 is the
/// best, and the least sum of ranks wins; equal scores share the better rank.</summary>
public static class ZeroShotRanking
{
    /// <summary>The sum of both ranks of every candidate.</summary>
    /// <param name="ntk">Condition numbers; low is better.</param>
    /// <param name="zico">ZiCo scores; high is better.</param>
    public static IReadOnlyList<int> Sums(IReadOnlyList<double> ntk, IReadOnlyList<double> zico) =>
    [
        .. ntk.Zip(zico, (kappa, score) =>
            2 + ntk.Count(other => other < kappa) + zico.Count(other => other > score)),
    ];

    /// <summary>Index of the least sum; of equals the last.</summary>
    /// <param name="sums">Of candidates from the largest network to the smallest.</param>
    public static int Best(IReadOnlyList<int> sums) => sums.ToList().LastIndexOf(sums.Min());
}
