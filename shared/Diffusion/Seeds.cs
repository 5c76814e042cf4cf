using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Mlops.Diffusion;

/// <summary>Derives every random stream from one seed without state, so that step 700 draws the same numbers whether
/// or not the process was restarted at step 500.</summary>
public static class Seeds
{
    /// <summary>A seed for one purpose and one index, for <c>new torch.Generator(seed)</c>.</summary>
    /// <param name="purpose">A fixed word per use, such as
    /// <c>train-noise</c>; different words give unrelated streams.</param>
    /// <param name="index">Step, epoch or sample number.</param>
    /// <returns>The first 63 bits of SHA-256 over the three; fits both <c>ulong</c> and <c>long</c>.</returns>
    public static ulong Of(long seed, string purpose, long index = 0)
    {
        var text = Encoding.UTF8.GetBytes(purpose);
        var message = new byte[16 + text.Length];
        BinaryPrimitives.WriteInt64LittleEndian(message, seed);
        BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(8), index);
        text.CopyTo(message, 16);

        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(message)) >> 1;
    }
}
