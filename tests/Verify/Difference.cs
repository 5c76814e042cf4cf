using static TorchSharp.torch;

namespace Mlops.Verify;

/// <summary>Distances between tensors; wrong shapes are infinitely far apart.</summary>
internal static class Difference
{
    /// <summary>Largest absolute difference.</summary>
    public static double Largest(Tensor ours, Tensor theirs)
    {
        if (!ours.shape.SequenceEqual(theirs.shape))
            return double.PositiveInfinity;
        using var scope = NewDisposeScope();
        return (ours.to(float64) - theirs.to(float64)).abs().max().item<double>();
    }

    /// <summary>L2 norm of the difference over the L2 norm of the reference.</summary>
    public static double Relative(Tensor ours, Tensor theirs)
    {
        if (!ours.shape.SequenceEqual(theirs.shape))
            return double.PositiveInfinity;
        using var scope = NewDisposeScope();
        var reference = theirs.to(float64);
        return L2(ours.to(float64) - reference) / Math.Max(L2(reference), 1e-30);
    }

    /// <summary>Relative difference of two numbers.</summary>
    public static double Relative(double ours, double theirs) =>
        Math.Abs(ours - theirs) / Math.Max(Math.Abs(theirs), 1e-30);

    /// <summary>L2 norm, summed in double precision.</summary>
    public static double L2(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Math.Sqrt(x.to(float64).square().sum().item<double>());
    }
}
