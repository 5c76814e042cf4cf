using static TorchSharp.torch;

namespace Mlops.Diffusion.Sampling;

/// <summary>Noise that depends on seed, purpose and sample only:
/// two models that are given the same seed start alike.</summary>
public static class EqualNoise
{
    /// <summary>Standard normal start noise for samples <paramref name="first"/> … first + count − 1.</summary>
    /// <returns>[count, C, H, W] float32 in the caller's dispose scope.</returns>
    public static Tensor Start(long seed, int first, int count, long channels, long height, long width) =>
        Draw(seed, "start-noise", first, [count, channels, height, width]);

    /// <summary>Noise of one sampler step, shaped like a state whose
    /// first sample has index <paramref name="first"/>.</summary>
    public static Tensor Step(long seed, int step, int first, Tensor like)
    {
        using var noise = Draw(seed, $"step-noise-{step}", first, like.shape);
        return noise.to(like.device, copy: true);
    }

    private static Tensor Draw(long seed, string purpose, int first, long[] shape)
    {
        using var scope = NewDisposeScope();
        var rows = new List<Tensor>();
        for (var n = 0; n < shape[0]; n++)
        {
            using var generator = new Generator(Seeds.Of(seed, purpose, first + n));
            rows.Add(randn(shape[1..], float32, CPU, generator: generator));
        }

        return stack(rows, 0).MoveToOuterDisposeScope();
    }
}
