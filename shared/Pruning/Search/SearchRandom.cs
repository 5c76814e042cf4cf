namespace Mlops.Pruning.Search;

/// <summary>
/// Draws that are a function of (seed, generation, index) alone, so that a search resumes without generator state.
/// SplitMix64 (Steele, Lea, Flood 2014).
/// </summary>
public sealed class SearchRandom(long seed, int generation, int index)
{
    private ulong _state = Mix(Mix(Mix((ulong)seed) + (ulong)generation) + (ulong)index);

    /// <summary>Uniform in (0, 1): never 0, so that its logarithm is finite.</summary>
    public double NextDouble() => ((Next() >> 11) + 0.5) / (1UL << 53);

    /// <summary>Uniform integer in [low, high], both ends included.</summary>
    public int Between(int low, int high) => low + (int)(Next() % (ulong)(high - low + 1));

    private ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);

    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
