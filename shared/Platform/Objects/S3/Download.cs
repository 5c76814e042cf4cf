using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Mlops.Contracts;

namespace Mlops.Platform.Objects.S3;

/// <summary>
/// Reads objects in ranges, several at once, and hashes them in order while the next ones are on their way: neither the
/// SDK nor the server notices a changed byte in a range.
/// </summary>
/// <param name="client">The bucket.</param>
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
        var request = new GetObjectRequest { BucketName = client.Bucket, Key = StoreLayout.PathOf(reference) };
        var length = (int)Math.Min(RangeBytes, reference.Length - offset);
        if (!whole)
            request.ByteRange = new ByteRange(offset, offset + length - 1);
        var bytes = new ArraySegment<byte>(ArrayPool<byte>.Shared.Rent(length), 0, length);
        try
        {
            var isWhole = await client.CallAsync(async (s3, token) =>
            {
                using var answer = await s3.GetObjectAsync(request, token);
                if ((whole ? answer.ContentLength : WholeLength(answer.ContentRange)) != reference.Length)
                    return false;
                await answer.ResponseStream.ReadExactlyAsync(bytes, token);
                // The SDK compares what it can only when it has seen the end.
                await answer.ResponseStream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, token);
                return true;
            }, cancellationToken);
            if (!isWhole)
                return null;
            await receive(bytes, offset, cancellationToken);
            return bytes;
        }
        catch (AmazonS3Exception error) when (StoreErrors.IsMissing(error))
        {
            throw StoreLayout.Missing(reference, client.Address);
        }
        catch (AmazonS3Exception error) when (StoreErrors.IsBeyondEnd(error))
        {
            return null;
        }
    }

    // "bytes 0-9/100"
    private static long WholeLength(string? range) =>
        long.TryParse(range?.Split('/')[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length
            : -1;
}
