using static TorchSharp.torch;

namespace Mlops.Diffusion.Metrics;

/// <summary>
/// Puts every feature on the scale of a reference set: mean 0, standard deviation 1. The cubic kernel of KID is made
/// for features of that size; on raw ones a few large channels decide, and the estimate drowns in their noise.
/// </summary>
public static class FeatureScale
{
    // A channel that never moves in the reference tells nothing, and must not be blown up.
    private const double SmallestDeviation = 1e-6;

    /// <summary>Features on the scale of a reference, in the caller's scope.</summary>
    /// <param name="features">[N, D], float64.</param>
    /// <param name="reference">[M, D], at least two rows.</param>
    public static Tensor Standardize(Tensor features, Tensor reference)
    {
        if (reference.dim() != 2 || reference.shape[0] < 2)
            throw new ArgumentException("a scale needs at least two feature rows", nameof(reference));
        using var scope = NewDisposeScope();
        var mean = reference.mean([0L], keepdim: true);
        var deviation = (reference - mean).square().mean([0L], keepdim: true).sqrt();
        var scaled = (features - mean) / deviation.clamp_min(SmallestDeviation);
        return scope.MoveToOuter(scaled * deviation.gt(SmallestDeviation).to_type(features.dtype));
    }
}
