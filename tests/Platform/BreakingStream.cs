using System.Security.Cryptography;
using Mlops.Contracts;

namespace Mlops.Tests.Platform;

/// <summary>Gives some bytes and then breaks like a disk that is full: with the system's own exception.</summary>
internal sealed class BreakingStream : MemoryStream
{
    private const int Bytes = 2 << 20;

    public BreakingStream() : base(new byte[Bytes])
    {
    }

    /// <summary>The system's exception of a full disk, caught from the device that is always full.</summary>
    public static IOException DiskFull()
    {
        using var full = new FileStream(
            "/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        return Assert.Throws<IOException>(() => full.Write([1, 2, 3]));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await base.ReadAsync(buffer, cancellationToken);
        return count > 0 ? count : throw DiskFull();
    }

    /// <summary>The object that the bytes before the break would make.</summary>
    public sealed class Prefix
    {
        public ObjectRef Reference { get; } =
            new(Convert.ToHexStringLower(SHA256.HashData(new byte[Bytes])), Bytes);
    }
}
