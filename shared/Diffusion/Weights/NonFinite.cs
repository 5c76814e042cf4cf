using System.Runtime.InteropServices;

namespace Mlops.Diffusion.Weights;

/// <summary>Finds NaN and infinity in raw weights: an exponent with all bits set.</summary>
public static class NonFinite
{
    /// <summary>Position of the first NaN or infinity; −1 if there is none, or the type has none.</summary>
    /// <param name="bytes">Little-endian elements.</param>
    /// <param name="dtype">Their type as safetensors spells it.</param>
    public static long FirstIn(ReadOnlySpan<byte> bytes, string dtype) => dtype switch
    {
        "F64" => First(MemoryMarshal.Cast<byte, ulong>(bytes), 0x7FF0_0000_0000_0000),
        "F32" => First(MemoryMarshal.Cast<byte, uint>(bytes), 0x7F80_0000),
        "F16" => First(MemoryMarshal.Cast<byte, ushort>(bytes), 0x7C00),
        "BF16" => First(MemoryMarshal.Cast<byte, ushort>(bytes), 0x7F80),
        _ => -1,
    };

    private static long First(ReadOnlySpan<ulong> bits, ulong exponent)
    {
        for (var i = 0; i < bits.Length; i++)
            if ((bits[i] & exponent) == exponent)
                return i;
        return -1;
    }

    private static long First(ReadOnlySpan<uint> bits, uint exponent)
    {
        for (var i = 0; i < bits.Length; i++)
            if ((bits[i] & exponent) == exponent)
                return i;
        return -1;
    }

    private static long First(ReadOnlySpan<ushort> bits, ushort exponent)
    {
        for (var i = 0; i < bits.Length; i++)
            if ((bits[i] & exponent) == exponent)
                return i;
        return -1;
    }
}
