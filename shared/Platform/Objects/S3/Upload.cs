using System.Buffers;
using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Win32.SafeHandles;
using Mlops.Contracts;

namespace Mlops.Platform.Objects.S3;

/// <summary>
/// Uploads of files in parts, several at once. The id of an upload is on the disk before its first part is sent, so
/// that the process after a crash sends only what the server does not have yet.
/// </summary>
/// <param name="client">The bucket.</param>
/// <param name="folder">Where the ids of unfinished uploads are kept.</param>
/// <param name="time">Tells which uploads are too old.</param>
internal sealed class Upload(StoreClient client, string folder, TimeProvider time)
{
    /// <summary>The size of a part, and of the largest object that is sent as a whole.</summary>
    public const int PartBytes = 16 << 20;

    private const int ParallelParts = 4;
    private const int MostParts = 10_000;
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(1);

    /// <summary>Sends what is missing and completes the object.</summary>
    public async Task SendAsync(SafeFileHandle file, ObjectRef reference, CancellationToken cancellationToken)
    {
        var key = StoreLayout.PathOf(reference);
        var record = Path.Combine(folder, reference.Sha256);
        await AbortStaleAsync(cancellationToken);
        try
        {
            var begun = await ReadAsync(record, cancellationToken);
            var sent = begun is null ? null : await SentAsync(begun, cancellationToken);
            if (sent is null)
                (begun, sent) = (await BeginAsync(key, record, cancellationToken), []);
            await SendPartsAsync(file, reference.Length, begun!, sent, cancellationToken);
            await CompleteAsync(begun!, sent, cancellationToken);
        }
        catch (AmazonS3Exception error) when (StoreErrors.IsUploadGone(error))
        {
            // Another process with the same folder completed it, or our own try did before the answer was lost; the
            // caller looks at the object itself.
        }
        File.Delete(record);
    }

    private async Task<Begun> BeginAsync(string key, string record, CancellationToken cancellationToken)
    {
        var answer = await client.CallAsync(
            (s3, token) => s3.InitiateMultipartUploadAsync(client.Bucket, key, token), cancellationToken);
        var begun = new Begun(key, answer.UploadId);
        await VerifiedFile.WriteAsync(record, file =>
        {
            RandomAccess.Write(file, JsonSerializer.SerializeToUtf8Bytes(begun), fileOffset: 0);
            RandomAccess.FlushToDisk(file);
            return Task.CompletedTask;
        });
        return begun;
    }

    /// <summary>Number to tag of the parts that the server has; null if it does not know the upload.</summary>
    private async Task<SortedDictionary<int, string>?> SentAsync(Begun begun, CancellationToken cancellationToken)
    {
        var sent = new SortedDictionary<int, string>();
        var request = new ListPartsRequest
        {
            BucketName = client.Bucket, Key = begun.Key, UploadId = begun.UploadId,
        };
        try
        {
            ListPartsResponse page;
            do
            {
                page = await client.CallAsync((s3, token) => s3.ListPartsAsync(request, token), cancellationToken);
                foreach (var part in page.Parts ?? [])
                    sent[part.PartNumber!.Value] = part.ETag;
                request.PartNumberMarker = $"{page.NextPartNumberMarker}";
            }
            while (page.IsTruncated == true);
            return sent;
        }
        catch (AmazonS3Exception error) when (StoreErrors.IsUploadGone(error))
        {
            return null;
        }
    }

    private async Task SendPartsAsync(
        SafeFileHandle file, long length, Begun begun, SortedDictionary<int, string> sent,
        CancellationToken cancellationToken)
    {
        // Follows from the length alone, so that every try cuts the file alike.
        var partBytes = (int)Math.Max(PartBytes, (length + MostParts - 1) / MostParts);
        var missing = Enumerable.Range(1, (int)((length + partBytes - 1) / partBytes)).Except(sent.Keys).ToArray();
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = ParallelParts, CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(missing, parallel, async (number, token) =>
        {
            var offset = (number - 1L) * partBytes;
            var bytes = new ArraySegment<byte>(
                ArrayPool<byte>.Shared.Rent(partBytes), 0, (int)Math.Min(partBytes, length - offset));
            try
            {
                await FileDigest.ReadAsync(file, bytes, offset, token);
                var tag = await SendPartAsync(begun, number, bytes, token);
                lock (sent)
                    sent[number] = tag;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bytes.Array!);
            }
        });
    }

    private Task<string> SendPartAsync(
        Begun begun, int number, ArraySegment<byte> bytes, CancellationToken cancellationToken) =>
        client.CallAsync(async (s3, token) =>
        {
            var answer = await s3.UploadPartAsync(
                new UploadPartRequest
                {
                    BucketName = client.Bucket, Key = begun.Key, UploadId = begun.UploadId, PartNumber = number,
                    PartSize = bytes.Count, InputStream = StoreClient.Body(bytes), UseChunkEncoding = false,
                }, token);
            return answer.ETag;
        }, cancellationToken);

    private Task<string> CompleteAsync(
        Begun begun, SortedDictionary<int, string> sent, CancellationToken cancellationToken) =>
        client.CallAsync(async (s3, token) =>
        {
            var answer = await s3.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest
                {
                    BucketName = client.Bucket, Key = begun.Key, UploadId = begun.UploadId,
                    PartETags = [.. sent.Select(part => new PartETag(part.Key, part.Value))],
                }, token);
            return answer.Key;
        }, cancellationToken);

    /// <summary>Aborts what nobody came back for: by id, since not every server lists its uploads.</summary>
    private async Task AbortStaleAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var stale = Directory.CreateDirectory(folder).GetFiles().Where(file => now - file.LastWriteTimeUtc > KeptFor);
        foreach (var record in stale)
        {
            if (await ReadAsync(record.FullName, cancellationToken) is { } begun)
                await AbortAsync(begun, cancellationToken);
            record.Delete();
        }
    }

    /// <summary>The record, or null: there is none, or a crash left half of one.</summary>
    private static async Task<Begun?> ReadAsync(string record, CancellationToken cancellationToken)
    {
        try
        {
            return JsonSerializer.Deserialize<Begun>(await File.ReadAllBytesAsync(record, cancellationToken));
        }
        catch (Exception exception) when (exception is FileNotFoundException or JsonException)
        {
            return null;
        }
    }

    private async Task AbortAsync(Begun begun, CancellationToken cancellationToken)
    {
        try
        {
            await client.CallAsync(
                (s3, token) => s3.AbortMultipartUploadAsync(client.Bucket, begun.Key, begun.UploadId, token),
                cancellationToken);
        }
        catch (AmazonS3Exception error) when (StoreErrors.IsUploadGone(error))
        {
            // The server was faster, or it is another one now.
        }
    }

    private sealed record Begun(string Key, string UploadId);
}
