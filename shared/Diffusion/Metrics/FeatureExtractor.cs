using System.Security.Cryptography;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Metrics;

/// <summary>Turns images into the rows in which distributions are compared. Numbers of different extractors must not
/// be compared; <see cref="Protocol"/> tells them apart.</summary>
public abstract class FeatureExtractor : IDisposable
{
    private const int DigestLength = 12;

    /// <summary>Names the network, how it sees images, and the digest of its weights.</summary>
    public abstract string Protocol { get; }

    /// <summary>Whether features are put on the scale of the real images first: those of a network of one's own need
    /// that, those of a network that others use must stay as they are.</summary>
    public abstract bool Standardizes { get; }

    /// <summary>Features of images.</summary>
    /// <param name="images">[N, C, H, W] in [−1, 1].</param>
    /// <param name="labels">Classes for a conditional teacher; class 0 where null.</param>
    /// <param name="batchSize">Most images at once.</param>
    /// <returns>One row per image [N, D], float64 on the CPU, in the caller's scope.</returns>
    public Tensor Compute(Tensor images, Tensor? labels = null, int batchSize = 64)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var rows = new List<Tensor>();
        var count = images.shape[0];
        for (var first = 0L; first < count; first += batchSize)
        {
            using var inner = NewDisposeScope();
            var size = Math.Min(batchSize, count - first);
            var found = Look(images.narrow(0, first, size), labels?.narrow(0, first, size), (int)first);
            rows.Add(inner.MoveToOuter(found.to(float64).cpu()));
        }

        return scope.MoveToOuter(cat(rows, 0));
    }

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>Looks at one batch.</summary>
    /// <param name="first">Position of its first image in the set.</param>
    /// <returns>[n, D] in the caller's scope.</returns>
    protected abstract Tensor Look(Tensor batch, Tensor? labels, int first);

    /// <summary>The beginning of the SHA-256 of weights, in their order.</summary>
    protected static string Digest(IEnumerable<Tensor> weights)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var weight in weights)
        {
            using var scope = NewDisposeScope();
            hash.AppendData(weight.detach().cpu().contiguous().bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..DigestLength];
    }
}
