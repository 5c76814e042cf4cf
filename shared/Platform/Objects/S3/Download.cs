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
    /// Hands every range of the object to the receiver, in order, and says whether the digest was right.
    /// </summary>
    /// <exception cref="FileNotFoundException">No such object.</exception>
    public async Task<bool> ReadAsync(
        ObjectRef reference, Func<ReadOnlyMemory<byte>, long, CancellationToken, Task> receive,
        CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var rest = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var underWay = new Queue<Task<byte[]?>>();
        var (asked, read) = (0L, 0L);
        try
        {
            do
            {
                while (underWay.Count < ParallelRanges && (asked < reference.Length || asked == 0))
                {
                    underWay.Enqueue(ReadRangeAsync(reference, asked, rest.Token));
                    asked += RangeBytes;
                }
                if (await underWay.Dequeue() is not { } buffer)
                    return false;
                try
                {
                    var bytes = buffer.AsMemory(0, (int)Math.Min(RangeBytes, reference.Length - read));
                    hash.AppendData(bytes.Span);
                    await receive(bytes, read, rest.Token);
                    read += bytes.Length;
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
            while (read < reference.Length);
        }
        finally
        {
            await rest.CancelAsync();
            // The failure that ended the loop is already on its way to the caller.
            await ((Task)Task.WhenAll(underWay)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset()) == reference.Sha256;
    }

    /// <summary>A rented buffer with the range, or null: the object has another length.</summary>
    private async Task<byte[]?> ReadRangeAsync(ObjectRef reference, long offset, CancellationToken cancellationToken)
    {
        var whole = reference.Length <= RangeBytes;
        var request = new GetObjectRequest { BucketName = client.Bucket, Key = StoreLayout.PathOf(reference) };
        var length = (int)Math.Min(RangeBytes, reference.Length - offset);
        if (!whole)
            request.ByteRange = new ByteRange(offset, offset + length - 1);
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(length, 1));
        try
        {
            return await client.CallAsync(async (s3, token) =>
            {
                using var answer = await s3.GetObjectAsync(request, token);
                if ((whole ? answer.ContentLength : WholeLength(answer.ContentRange)) != reference.Length)
                    return null;
                await answer.ResponseStream.ReadExactlyAsync(buffer.AsMemory(0, length), token);
                // The SDK compares what it can only when it has seen the end.
                await answer.ResponseStream.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, token);
                return buffer;
            }, cancellationToken);
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
