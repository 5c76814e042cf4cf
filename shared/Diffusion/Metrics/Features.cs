using static TorchSharp.torch;

namespace Mlops.Diffusion.Metrics;

/// <summary>Checks and moments that distances between two sets of features share.</summary>
internal static class Features
{
    /// <summary>Refuses sets that no distance can be computed for.</summary>
    /// <param name="x">[N, D].</param>
    /// <param name="y">[M, D].</param>
    /// <exception cref="InvalidDataException">Fewer than two rows, or rows of unequal length.</exception>
    public static void Check(Tensor x, Tensor y, string distance)
    {
        if (x.dim() != 2 || y.dim() != 2 || x.shape[0] < 2 || y.shape[0] < 2 || x.shape[1] != y.shape[1])
            throw new InvalidDataException($"{distance} needs two sets of at least two feature rows of equal length, "
                + $"but got [{string.Join(", ", x.shape)}] and [{string.Join(", ", y.shape)}].");
    }

    /// <summary>Rows of all groups but one.</summary>
    public static long Rows(Tensor[] groups, int? without) =>
        groups.Where((_, group) => group != without).Sum(group => group.shape[0]);
}
