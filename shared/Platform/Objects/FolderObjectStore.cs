using System.Security.Cryptography;
using System.Text.Json;
using Mlops.Contracts;

namespace Mlops.Platform.Objects;

/// <summary>
/// Objects as files: <c>sha256/ab/ab12…</c> for the bytes, <c>names/…</c> for the names. Everything is written to
/// <c>tmp/</c>, flushed to the disk and renamed, so a kill or a full disk leaves no half object.
/// </summary>
public sealed class FolderObjectStore : IObjectStore
{
    private const int BufferBytes = 1 << 20;
    private readonly string _root;

    /// <summary>Opens the store, creating the folder if it is missing.</summary>
    public FolderObjectStore(string root)
    {
        _root = Path.GetFullPath(root);
        Directory.CreateDirectory(TemporaryFolder);
    }

    private string TemporaryFolder => Path.Combine(_root, "tmp");

    /// <inheritdoc/>
    public async Task<ObjectRef> PutAsync(Stream content, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var length = 0L;
        ObjectRef? reference = null;
        await PublishAsync(
            async file =>
            {
                var buffer = new byte[BufferBytes];
                for (int count; (count = await content.ReadAsync(buffer, cancellationToken)) > 0; length += count)
                {
                    hash.AppendData(buffer, 0, count);
                    await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                }
                reference = new ObjectRef(Convert.ToHexStringLower(hash.GetHashAndReset()), length);
            },
            // Replacing equal bytes is harmless, and repairs an object that was damaged on the disk.
            () => ObjectFile(reference!), overwrite: true);
        return reference!;
    }

    /// <inheritdoc/>
    public Task<Stream> OpenAsync(ObjectRef reference, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = ObjectFile(reference);
        if (!File.Exists(path))
            throw StoreLayout.Missing(reference, _root);
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, useAsync: true);
        return Task.FromResult<Stream>(new VerifyingStream(file, reference));
    }

    /// <inheritdoc/>
    public async Task FetchAsync(ObjectRef reference, string file, CancellationToken cancellationToken)
    {
        var path = ObjectFile(reference);
        if (!File.Exists(path))
            throw StoreLayout.Missing(reference, _root);
        await VerifiedFile.WriteAsync(file, async target =>
        {
            using var source = File.OpenHandle(path, options: FileOptions.SequentialScan);
            var found = await FileDigest.OfAsync(source, target, cancellationToken);
            if (found != reference)
                throw StoreLayout.Damaged(reference, found.Length);
        });
    }

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(ObjectRef reference, CancellationToken cancellationToken) =>
        Task.FromResult(
            new FileInfo(ObjectFile(reference)) is { Exists: true } file && file.Length == reference.Length);

    /// <inheritdoc/>
    public async Task<ObjectRef?> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        var path = NameFile(name);
        if (!File.Exists(path))
            return null;
        await using var file = File.OpenRead(path);
        return await StoreLayout.ReadNameAsync(name, file, cancellationToken);
    }

    /// <inheritdoc/>
    public Task SetNameAsync(string name, ObjectRef reference, CancellationToken cancellationToken) =>
        WriteNameAsync(name, reference, overwrite: true, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> TryCreateNameAsync(string name, ObjectRef reference, CancellationToken cancellationToken) =>
        WriteNameAsync(name, reference, overwrite: false, cancellationToken);

    private Task<bool> WriteNameAsync(
        string name, ObjectRef reference, bool overwrite, CancellationToken cancellationToken) =>
        PublishAsync(
            file => JsonSerializer.SerializeAsync(file, reference, JsonSerializerOptions.Web, cancellationToken),
            () => NameFile(name), overwrite);

    /// <summary>Whether the file is there now; false only if it may not overwrite and the path was taken.</summary>
    private async Task<bool> PublishAsync(Func<FileStream, Task> write, Func<string> target, bool overwrite)
    {
        var temporary = Path.Combine(TemporaryFolder, Path.GetRandomFileName());
        try
        {
            await using (var file = new FileStream(
                temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true))
            {
                await write(file);
                file.Flush(flushToDisk: true);
            }
            var path = target();
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (!overwrite)
                return ExclusiveMove.TryMove(temporary, path);
            File.Move(temporary, path, overwrite: true);
            return true;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private string ObjectFile(ObjectRef reference) => Path.Combine(_root, StoreLayout.PathOf(reference));

    private string NameFile(string name) => Path.Combine(_root, StoreLayout.PathOf(name));
}
