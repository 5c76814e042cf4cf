using System.Buffers;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Mlops.Contracts;

namespace Mlops.Platform.Objects.S3;

/// <summary>
/// Reads objects in ranges, several at once, and hashes them in order while the next ones are on their way: neither the
/// client nor the server notices a changed byte in a range.
/// </summary>
internal sealed class Download(StoreClient client)
{
    private const int RangeBytes = 16 << 20;
    private const int ParallelRanges = 4;

    /// <summary>
    /// Hands the ranges of the object to the receiver as they come, and says at last whether the digest was right.
    /// </summary>
    /// <exception cref="FileNotFoundException">No such object.</exception>
    public async Task<bool> ReadAsync(
        ObjectRef reference, Func<ReadOnlyMemory<byte>, long, CancellationToken, Task> receive,
        CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var rest = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var underWay = new Queue<Task<ArraySegment<byte>?>>();
        var (asked, hashed) = (0L, 0L);
        try
        {
            do
            {
                Ask();
                if (await underWay.Dequeue() is not { } bytes)
                    return false;
                // Nobody waits for the digest: the next range is asked for before it is computed.
                Ask();
                hash.AppendData(bytes);
                hashed += bytes.Count;
                ArrayPool<byte>.Shared.Return(bytes.Array!);
            }
            while (hashed < reference.Length);
        }
        finally
        {
            await rest.CancelAsync();
            // The failure that ended the loop is already on its way to the caller.
            await ((Task)Task.WhenAll(underWay)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset()) == reference.Sha256;

        void Ask()
        {
            for (; underWay.Count < ParallelRanges && (asked < reference.Length || asked == 0); asked += RangeBytes)
                underWay.Enqueue(ReadRangeAsync(reference, asked, receive, rest.Token));
        }
    }

    /// <summary>The range in a rented buffer, or null: the object has another length.</summary>
    private async Task<ArraySegment<byte>?> ReadRangeAsync(
        ObjectRef reference, long offset, Func<ReadOnlyMemory<byte>, long, CancellationToken, Task> receive,
        CancellationToken cancellationToken)
    {
        var whole = reference.Length <= RangeBytes;
        var length = (int)Math.Min(RangeBytes, reference.Length - offset);
        var range = whole ? null : new RangeHeaderValue(offset, offset + length - 1);
        var bytes = new ArraySegment<byte>(ArrayPool<byte>.Shared.Rent(length), 0, length);
        try
        {
            var isWhole = await client.ReadAsync(
                StoreLayout.PathOf(reference), range, async (content, token) =>
                {
                    if ((whole ? content.Headers.ContentLength : content.Headers.ContentRange?.Length)
                        != reference.Length)
                        return false;
                    await using var body = await content.ReadAsStreamAsync(token);
                    await body.ReadExactlyAsync(bytes, token);
                    return true;
                }, cancellationToken);
            if (!isWhole)
                return null;
            await receive(bytes, offset, cancellationToken);
            return bytes;
        }
        catch (StoreRefusalException exception) when (StoreErrors.IsMissing(exception))
        {
            throw StoreLayout.Missing(reference, client.Address);
        }
        catch (StoreRefusalException exception) when (StoreErrors.IsBeyondEnd(exception))
        {
            return null;
        }
    }
}
