namespace Mlops.Diffusion.Data;

/// <summary>Uniform draws and permutations from <see cref="SplitMix64"/>.</summary>
public struct SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 random bits.</summary>
    public ulong NextBits() => SplitMix64.Bits(_state += SplitMix64.Increment);

    /// <summary>Uniform in [0, 1).</summary>
    public double Next() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [low, high).</summary>
    public double Next(double low, double high) => low + (Next() * (high - low));

    /// <summary>Uniform whole number in [0, bound).</summary>
    public int Below(int bound) => (int)(Next() * bound);

    /// <summary>A random order of 0 … count−1 (Fisher and Yates).</summary>
    public int[] Permutation(int count)
    {
        var order = new int[count];
        for (var i = 0; i < count; i++)
        {
            var j = Below(i + 1);
            order[i] = order[j];
            order[j] = i;
        }

        return order;
    }
}
