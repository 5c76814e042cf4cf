using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Mlops.Contracts;

namespace Mlops.Platform.Objects;

/// <summary>
/// Digests of files at the speed of one core. Reads block their thread: a pool thread that waits for the disk is
/// cheaper than a million small asynchronous reads.
/// </summary>
internal static class FileDigest
{
    private const int BufferBytes = 4 << 20;

    /// <summary>What the file holds.</summary>
    public static async Task<ObjectRef> OfAsync(string path, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        return await OfAsync(file, copy: null, cancellationToken);
    }

    /// <summary>
    /// What the file holds; every byte also goes to the copy, which is written while the next are hashed.
    /// </summary>
    public static Task<ObjectRef> OfAsync(
        SafeFileHandle file, SafeFileHandle? copy, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var (buffer, spare) = (new byte[BufferBytes], copy is null ? [] : new byte[BufferBytes]);
            var writing = Task.CompletedTask;
            var length = 0L;
            for (int count; (count = RandomAccess.Read(file, buffer, length)) > 0; length += count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (copy is not null)
                {
                    writing.GetAwaiter().GetResult();
                    var (bytes, offset) = (buffer.AsMemory(0, count), length);
                    writing = Task.Run(() => RandomAccess.Write(copy, bytes.Span, offset), CancellationToken.None);
                }
                hash.AppendData(buffer, 0, count);
                if (copy is not null)
                    (buffer, spare) = (spare, buffer);
            }
            writing.GetAwaiter().GetResult();
            return new ObjectRef(Convert.ToHexStringLower(hash.GetHashAndReset()), length);
        }, cancellationToken);

    /// <summary>Fills the buffer.</summary>
    /// <exception cref="EndOfStreamException">The file ends before.</exception>
    public static async Task ReadAsync(
        SafeFileHandle file, Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        for (int count; buffer.Length > 0; buffer = buffer[count..], offset += count)
        {
            count = await RandomAccess.ReadAsync(file, buffer, offset, cancellationToken);
            if (count == 0)
                throw new EndOfStreamException("the file became shorter while it was read");
        }
    }
}
