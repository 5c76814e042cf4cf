using Mlops.Diffusion.Data;

namespace Mlops.Pruning.Search;

/// <summary>
/// Draws that are a function of (seed, generation, index) alone, so that a search resumes without generator state;
/// bits of <see cref="SplitMix64"/>.
/// </summary>
public sealed class SearchRandom(long seed, int generation, int index)
{
    private ulong _state = Mix(Mix(Mix((ulong)seed) + (ulong)generation) + (ulong)index);

    /// <summary>Uniform in (0, 1): never 0, so that its logarithm is finite.</summary>
    public double NextDouble() => ((Next() >> 11) + 0.5) / (1UL << 53);

    /// <summary>Uniform integer in [low, high], both ends included.</summary>
    public int Between(int low, int high) => low + (int)(Next() % (ulong)(high - low + 1));

    private ulong Next() => Mix(_state += SplitMix64.Increment);

    private static ulong Mix(ulong state) => SplitMix64.Bits(state + SplitMix64.Increment);
}
