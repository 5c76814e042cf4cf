namespace Mlops.Diffusion.Data;

/// <summary>SplitMix64 (Steele et al. 2014): a small generator
/// whose numbers will never change with the runtime.</summary>
public struct SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The next 64 random bits.</summary>
    public ulong NextBits()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

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
