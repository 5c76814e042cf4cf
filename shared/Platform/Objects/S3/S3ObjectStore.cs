using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Minio.DataModel.Args;
using Mlops.Contracts;

namespace Mlops.Platform.Objects.S3;

/// <summary>
/// Objects in a bucket: <c>sha256/ab/ab12…</c> for the bytes, <c>names/…</c> for the names. It needs nothing of a
/// server beyond what all of them have: names are committed by a single conditional PUT, and digests are checked by us.
/// </summary>
public sealed class S3ObjectStore : IObjectStore, IDisposable
{
    // Below it, sending the bytes again costs as little as asking for them, and repairs an object that was damaged.
    private const int SentAnyway = 1 << 20;
    private const int LargestInMemory = 16 << 20;
    private static readonly TimeSpan DefaultRetryWindow = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestTransfer = TimeSpan.FromDays(1);

    private readonly StoreClient _client;
    private readonly Upload _upload;
    private readonly Download _download;
    private readonly string _spool;

    /// <summary>Opens the store; the server is asked only when something is needed of it.</summary>
    /// <param name="workFolder">Unfinished transfers; survives the process.</param>
    /// <param name="retryWindow">How long requests to an unavailable server are repeated; 20 s if it is null.</param>
    /// <param name="time">The clock; the system's if it is null.</param>
    public S3ObjectStore(
        StoreOptions options, string workFolder, TimeSpan? retryWindow = null, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        _client = new StoreClient(options, retryWindow ?? DefaultRetryWindow, time);
        _upload = new Upload(_client, Path.Combine(workFolder, "uploads"), time);
        _download = new Download(_client);
        _spool = Path.Combine(workFolder, "spool");
        foreach (var left in Directory.CreateDirectory(_spool).GetFiles())
            if (time.GetUtcNow().UtcDateTime - left.LastWriteTimeUtc > LongestTransfer)
                left.Delete();
    }

    /// <inheritdoc/>
    public async Task<ObjectRef> PutAsync(Stream content, CancellationToken cancellationToken)
    {
        // Most objects are files of a finished job: their bytes are read where they are.
        if (content is FileStream { CanSeek: true, Position: 0 } file)
            return await PutFileAsync(file, cancellationToken);
        var head = new byte[SentAnyway];
        var count = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        if (count < head.Length)
            return await PutBytesAsync(new(head, 0, count), cancellationToken);
        await using var spooled = Spool();
        await spooled.WriteAsync(head, cancellationToken);
        await content.CopyToAsync(spooled, cancellationToken);
        await spooled.FlushAsync(cancellationToken);
        return await PutFileAsync(spooled, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenAsync(ObjectRef reference, CancellationToken cancellationToken)
    {
        if (reference.Length <= LargestInMemory)
        {
            var content = new MemoryStream((int)reference.Length);
            await ReadAsync(
                reference, (bytes, offset, _) =>
                {
                    content.Position = offset;
                    content.Write(bytes.Span);
                    return Task.CompletedTask;
                }, cancellationToken);
            content.Position = 0;
            return content;
        }
        var spooled = Spool();
        try
        {
            await ReadAsync(reference, Into(spooled.SafeFileHandle), cancellationToken);
            return spooled;
        }
        catch
        {
            await spooled.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public Task FetchAsync(ObjectRef reference, string file, CancellationToken cancellationToken) =>
        VerifiedFile.WriteAsync(file, target => ReadAsync(reference, Into(target), cancellationToken));

    /// <inheritdoc/>
    public async Task<bool> ExistsAsync(ObjectRef reference, CancellationToken cancellationToken) =>
        await LengthAsync(StoreLayout.PathOf(reference), cancellationToken) == reference.Length;

    /// <inheritdoc/>
    public async Task<ObjectRef?> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        var key = StoreLayout.PathOf(name);
        try
        {
            return await _client.ReadAsync(
                key, range: null, async (content, token) =>
                {
                    await using var body = await content.ReadAsStreamAsync(token);
                    return await StoreLayout.ReadNameAsync(name, body, token);
                }, cancellationToken);
        }
        catch (StoreRefusalException exception) when (StoreErrors.IsMissing(exception))
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public Task SetNameAsync(string name, ObjectRef reference, CancellationToken cancellationToken) =>
        SendAsync(StoreLayout.PathOf(name), Json(reference), cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> TryCreateNameAsync(string name, ObjectRef reference, CancellationToken cancellationToken)
    {
        var put = _client.Put(StoreLayout.PathOf(name), new MemoryStream(Json(reference)))
            // Sent with small objects only: in parts (from 5 MiB on) the client (7.0.0) drops it without a word.
            .WithNotMatchETag("*");
        try
        {
            await _client.CallAsync((minio, token) => minio.PutObjectAsync(put, token), cancellationToken);
            return true;
        }
        catch (StoreRefusalException exception) when (StoreErrors.IsTaken(exception))
        {
            // An earlier try of ours may have taken the name, and its answer was lost.
            return exception.Attempt > 0 && await ResolveAsync(name, cancellationToken) == reference;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<ObjectRef> PutFileAsync(FileStream file, CancellationToken cancellationToken)
    {
        var handle = file.SafeFileHandle;
        var length = RandomAccess.GetLength(handle);
        if (length <= Upload.LargestWhole)
        {
            var bytes = new byte[length];
            await FileDigest.ReadAsync(handle, bytes, offset: 0, cancellationToken);
            return await PutBytesAsync(bytes, cancellationToken);
        }
        var reference = await FileDigest.OfAsync(handle, copy: null, cancellationToken);
        if (await IsThereAsync(reference, cancellationToken))
            return reference;
        await _upload.SendAsync(file, reference, cancellationToken);
        if (!await ExistsAsync(reference, cancellationToken))
            throw new IOException($"object {reference.Sha256} did not arrive whole: its file was changed, or someone "
                + "else aborted the upload; try again");
        await ForgetDamageAsync(reference, cancellationToken);
        return reference;
    }

    private async Task<ObjectRef> PutBytesAsync(ArraySegment<byte> bytes, CancellationToken cancellationToken)
    {
        var reference = new ObjectRef(Convert.ToHexStringLower(SHA256.HashData(bytes)), bytes.Count);
        if (bytes.Count > SentAnyway && await IsThereAsync(reference, cancellationToken))
            return reference;
        await SendAsync(StoreLayout.PathOf(reference), bytes, cancellationToken);
        if (bytes.Count > SentAnyway)
            await ForgetDamageAsync(reference, cancellationToken);
        return reference;
    }

    // The digest of the body is signed: the server refuses what the wire changed.
    private Task SendAsync(string key, ArraySegment<byte> bytes, CancellationToken cancellationToken) =>
        _client.CallAsync(
            (minio, token) => minio.PutObjectAsync(
                _client.Put(key, new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count)), token),
            cancellationToken);

    /// <summary>Reads the whole object; a second time if its digest was wrong, for the wire may be to blame.</summary>
    private async Task ReadAsync(
        ObjectRef reference, Func<ReadOnlyMemory<byte>, long, CancellationToken, Task> receive,
        CancellationToken cancellationToken)
    {
        if (await _download.ReadAsync(reference, receive, cancellationToken)
            || await _download.ReadAsync(reference, receive, cancellationToken))
            return;
        await SendAsync(DamageOf(reference), Array.Empty<byte>(), cancellationToken);
        throw StoreLayout.Damaged(
            reference, await LengthAsync(StoreLayout.PathOf(reference), cancellationToken) ?? 0);
    }

    // Reading every large object before it is stored again would cost as much as sending it; so a reader that finds one
    // damaged leaves a mark, and the next one to store it sends it.
    private async Task<bool> IsThereAsync(ObjectRef reference, CancellationToken cancellationToken) =>
        await ExistsAsync(reference, cancellationToken)
        && await LengthAsync(DamageOf(reference), cancellationToken) is null;

    private Task ForgetDamageAsync(ObjectRef reference, CancellationToken cancellationToken) => _client.CallAsync(
        (minio, token) => minio.RemoveObjectAsync(
            new RemoveObjectArgs().WithBucket(_client.Bucket).WithObject(DamageOf(reference)), token),
        cancellationToken);

    private async Task<long?> LengthAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var found = await _client.CallAsync(
                (minio, token) => minio.StatObjectAsync(
                    new StatObjectArgs().WithBucket(_client.Bucket).WithObject(key), token), cancellationToken);
            return found.Size;
        }
        catch (StoreRefusalException exception) when (StoreErrors.IsMissing(exception))
        {
            return null;
        }
    }

    private FileStream Spool() => new(
        Path.Combine(_spool, Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None,
        bufferSize: 0, FileOptions.DeleteOnClose | FileOptions.Asynchronous);

    private static Func<ReadOnlyMemory<byte>, long, CancellationToken, Task> Into(SafeFileHandle file) =>
        (bytes, offset, token) => RandomAccess.WriteAsync(file, bytes, offset, token).AsTask();

    private static string DamageOf(ObjectRef reference) => $"damaged/{reference.Sha256}";

    private static byte[] Json(ObjectRef reference) =>
        JsonSerializer.SerializeToUtf8Bytes(reference, JsonSerializerOptions.Web);
}
