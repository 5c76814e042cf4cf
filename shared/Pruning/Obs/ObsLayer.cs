using Mlops.Diffusion;
using static TorchSharp.torch;

namespace Mlops.Pruning.Obs;

/// <summary>
/// Optimal Brain Surgeon on the input columns of one linear layer, in float64. Without the columns B the squared error
/// of the output is least for W − W_B·(H⁻¹_BB)⁻¹·H⁻¹_B: and then grows by ½·tr(W_B·(H⁻¹_BB)⁻¹·W_Bᵀ); H⁻¹ of the
/// columns that stay follows by the same elimination. OBS-Diff (arXiv 2510.06751) prints and codes approximations of
/// that score for heads; this is the exact one.
/// </summary>
public sealed class ObsLayer : IDisposable
{
    // Pivots of the Cholesky factor further apart than this leave no digits in the inverse.
    private const double SmallestPivot = 1e-6;

    private Tensor _inverse;

    /// <param name="weight">[out, features]; copied.</param>
    /// <param name="hessian">[features, features], damped; copied.</param>
    /// <exception cref="InvalidDataException">The Hessian is singular.</exception>
    public ObsLayer(Tensor weight, Tensor hessian)
    {
        using var scope = NewDisposeScope();
        RequireRegular(hessian, "a layer");
        Weight = weight.detach().to(float64, copy: true).DetachFromDisposeScope();
        _inverse = linalg.inv(hessian.to(float64)).DetachFromDisposeScope();
    }

    /// <summary>The compensated weights, [out, columns left], float64; owned by this.</summary>
    public Tensor Weight { get; private set; }

    /// <summary>What is left of the weights when only some columns K stay, W·H_:K·(H_KK)⁻¹: what any order of removals
    /// ends with. float64, in the caller's dispose scope.</summary>
    /// <param name="weight">[out, features].</param>
    /// <param name="hessian">[features, features], damped.</param>
    public static Tensor Compensated(Tensor weight, Tensor hessian, IReadOnlyList<long> kept)
    {
        using var scope = NewDisposeScope();
        var columns = tensor([.. kept], int64, hessian.device);
        var rows = hessian.to(float64).index_select(0, columns);                                        // [K, F]
        return linalg.solve(rows.index_select(1, columns), rows.mm(weight.detach().to(float64).t()))
            .t().MoveToOuterDisposeScope();
    }

    /// <summary>H + damping · mean(diag H) · 1; belongs to the caller's dispose scope.</summary>
    /// <exception cref="InvalidDataException">It is singular all the same.</exception>
    public static Tensor Damped(Tensor hessian, double damping, string module)
    {
        using var scope = NewDisposeScope();
        var added = damping * hessian.diagonal(0, 0, 1).mean();
        var damped = hessian + (eye(hessian.shape[0], dtype: float64, device: hessian.device) * added);
        RequireRegular(damped, $"'{module}'");
        return damped.MoveToOuterDisposeScope();
    }

    /// <summary>What the removal of each unit alone adds to the squared error.</summary>
    /// <param name="size">Consecutive columns of a unit.</param>
    public double[] Losses(int size)
    {
        using var scope = NewDisposeScope();
        var units = Weight.shape[1] / size;
        var blocks = _inverse.reshape(units, size, units, size).diagonal(0, 0, 2).permute(2, 0, 1);  // [U, d, d]
        var columns = Weight.reshape(-1, units, size).permute(1, 2, 0);                              // [U, d, out]
        return ((columns * linalg.solve(blocks, columns)).sum([1L, 2L]) / 2).Doubles();
    }

    /// <summary>Removes a unit and lets the other columns make up for it.</summary>
    /// <param name="size">Consecutive columns of a unit.</param>
    public void Remove(int unit, int size)
    {
        using var scope = NewDisposeScope();
        long first = unit * size, after = first + size, columns = Weight.shape[1];
        var device = Weight.device;
        var left = cat([arange(0, first, int64, device), arange(after, columns, int64, device)]);
        var shares = linalg.solve(
            _inverse.narrow(0, first, size).narrow(1, first, size), _inverse.narrow(0, first, size));   // [d, F]
        Replace(
            (Weight - Weight.narrow(1, first, size).mm(shares)).index_select(1, left),
            (_inverse - _inverse.narrow(1, first, size).mm(shares)).index_select(0, left).index_select(1, left));
    }

    public void Dispose()
    {
        Weight.Dispose();
        _inverse.Dispose();
    }

    private void Replace(Tensor weight, Tensor inverse)
    {
        Dispose();
        (Weight, _inverse) = (weight.DetachFromDisposeScope(), inverse.DetachFromDisposeScope());
    }

    private static void RequireRegular(Tensor hessian, string module)
    {
        using var scope = NewDisposeScope();
        var (factor, info) = linalg.cholesky_ex(hessian.to(float64));
        var pivots = factor.diagonal(0, 0, 1);
        if (info.item<int>() != 0 || !(pivots.min().item<double>() > SmallestPivot * pivots.max().item<double>()))
            throw new InvalidDataException(
                $"the Hessian of the inputs of {module} is singular: some of them are zero or combinations of others; "
                + "set damping above 0 or score on more samples");
    }
}
