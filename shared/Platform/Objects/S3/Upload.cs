using Minio.DataModel.Args;
using Mlops.Contracts;

namespace Mlops.Platform.Objects.S3;

/// <summary>
/// Uploads of large files in parts of 16 MiB or more, one after the other: that is how the Minio client (7.0.0) sends
/// them. It keeps the id of an upload to itself, so an interrupted one starts over; what that left on the server is
/// found by its key and removed.
/// </summary>
/// <param name="folder">Where the digests of unfinished uploads are kept.</param>
internal sealed class Upload(StoreClient client, string folder, TimeProvider time)
{
    /// <summary>The largest object that the client sends in one request, in bytes.</summary>
    public const int LargestWhole = (5 << 20) - 1;

    private const int RemovalAttempts = 5;
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(1);

    /// <summary>Sends the file from its begin to its end.</summary>
    public async Task SendAsync(Stream file, ObjectRef reference, CancellationToken cancellationToken)
    {
        await RemoveStaleAsync(cancellationToken);
        var record = Path.Combine(folder, reference.Sha256);
        await File.WriteAllBytesAsync(record, [], cancellationToken);
        file.Position = 0;
        try
        {
            await client.CallAsync(
                (minio, token) => minio.PutObjectAsync(client.Put(StoreLayout.PathOf(reference), file), token),
                cancellationToken);
        }
        catch (StoreRefusalException exception) when (StoreErrors.IsUploadGone(exception))
        {
            // Another process completed the same object and removed our upload, or our own completion was served
            // before its answer was lost; the caller looks at the object itself.
        }
        await RemoveUnfinishedAsync(reference, cancellationToken);
        File.Delete(record);
    }

    /// <summary>Removes uploads that nobody completed.</summary>
    private async Task RemoveStaleAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var stale = Directory.CreateDirectory(folder).GetFiles().Where(file => now - file.LastWriteTimeUtc > KeptFor);
        foreach (var record in stale)
        {
            await RemoveUnfinishedAsync(new ObjectRef(record.Name, Length: 0), cancellationToken);
            record.Delete();
        }
    }

    private async Task RemoveUnfinishedAsync(ObjectRef reference, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
            try
            {
                await client.CallAsync(
                    (minio, token) => minio.RemoveIncompleteUploadAsync(
                        new RemoveIncompleteUploadArgs()
                            .WithBucket(client.Bucket).WithObject(StoreLayout.PathOf(reference)), token),
                    cancellationToken);
                return;
            }
            catch (StoreRefusalException exception)
                when (StoreErrors.IsUploadGone(exception) && attempt < RemovalAttempts)
            {
                // Another process removed one of them since they were listed; those behind it are still there.
            }
    }
}
