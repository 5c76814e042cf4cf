using System.Security.Cryptography;
using Mlops.Contracts;

namespace Mlops.Platform.Objects;

/// <summary>
/// Hashes what is read and throws at the end if it is not what the reference names. Reads forward only.
/// </summary>
public sealed class VerifyingStream(Stream source, ObjectRef reference) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _read;
    private bool _checked;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => reference.Length;

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException("objects are read from begin to end");
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var count = source.Read(buffer);
        Take(buffer[..count], buffer.Length);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await source.ReadAsync(buffer, cancellationToken);
        Take(buffer.Span[..count], buffer.Length);
        return count;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) =>
        throw new NotSupportedException("objects are read from begin to end");

    public override void SetLength(long value) => throw new NotSupportedException("objects are immutable");

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("objects are immutable");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            source.Dispose();
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }

    private void Take(ReadOnlySpan<byte> bytes, int asked)
    {
        _hash.AppendData(bytes);
        _read += bytes.Length;
        if (bytes.Length > 0 || asked == 0 || _checked)
            return;
        _checked = true;
        if (_read != reference.Length || Convert.ToHexStringLower(_hash.GetHashAndReset()) != reference.Sha256)
            throw StoreLayout.Damaged(reference, _read);
    }
}
