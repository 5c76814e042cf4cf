namespace Mlops.Diffusion.Data;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): a generator
/// whose numbers will never change with the runtime.</summary>
public static class SplitMix64
{
    /// <summary>What the state grows by from one draw to the next: 2⁶⁴ / φ, made odd.</summary>
    public const ulong Increment = 0x9E3779B97F4A7C15;

    /// <summary>The 64 random bits of a state.</summary>
    public static ulong Bits(ulong state)
    {
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
