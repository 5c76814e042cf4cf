using System.Text.Json;
using Mlops.Contracts;
using Mlops.Platform.Errors;

namespace Mlops.Platform.Objects;

/// <summary>
/// Artifacts: folders of files in the object store, each described by a manifest whose reference names it.
/// </summary>
/// <param name="cacheFolder">
/// Local copies of fetched artifacts; may be deleted whenever nothing runs. Those that were not used for a month are.
/// </param>
public sealed class ArtifactStore(IObjectStore store, string cacheFolder)
{
    private const int ParallelFiles = 4;
    private const int Tries = 4;
    private const int LargestManifest = 64 << 20;

    private static readonly Dictionary<string, ObjectRef> NoInputs = [];

    private static readonly EnumerationOptions VisibleFiles = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 8,
        AttributesToSkip = FileAttributes.Hidden,
    };

    private readonly LocalCopies _copies = new(cacheFolder);

    /// <summary>The same artifacts and local copies, seen through another store.</summary>
    public ArtifactStore Decorate(Func<IObjectStore, IObjectStore> wrap) => new(wrap(store), cacheFolder);

    /// <summary>
    /// Stores every file below the folder, then the manifest; the manifest comes last, so it is never dangling.
    /// </summary>
    /// <param name="folder">Files; hidden ones are left out.</param>
    /// <param name="kind">What the files are, see <see cref="ArtifactManifest"/>.</param>
    /// <param name="madeBy">The job key; null for user inputs.</param>
    /// <param name="inputs">Role to the manifest of each input.</param>
    /// <param name="cancellationToken">Stops between reads; nothing half-written stays.</param>
    /// <returns>The reference of the manifest.</returns>
    public async Task<ObjectRef> SaveAsync(
        string folder, string kind, string? madeBy, IReadOnlyDictionary<string, ObjectRef> inputs,
        CancellationToken cancellationToken)
    {
        var paths = Directory.EnumerateFiles(folder, "*", VisibleFiles)
            .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal).ToArray();
        var stored = new ObjectRef[paths.Length];
        await Parallel.ForAsync(0, paths.Length, InParallel(cancellationToken), async (index, token) =>
        {
            stored[index] = await AgainAsync(async () =>
            {
                await using var file = File.OpenRead(Path.Combine(folder, paths[index]));
                return await store.PutAsync(file, token);
            });
        });
        var files = new SortedDictionary<string, ObjectRef>(StringComparer.Ordinal);
        for (var index = 0; index < paths.Length; index++)
            files[paths[index]] = stored[index];
        var sortedInputs = new SortedDictionary<string, ObjectRef>(
            inputs.ToDictionary(input => input.Key, input => input.Value), StringComparer.Ordinal);
        var manifest = new ArtifactManifest(kind, files, madeBy, sortedInputs);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(manifest, JsonSerializerOptions.Web);
        return await AgainAsync(() => store.PutAsync(new MemoryStream(bytes), cancellationToken));
    }

    /// <summary>Imports a folder of the user.</summary>
    /// <exception cref="DirectoryNotFoundException">No such folder.</exception>
    /// <exception cref="InvalidDataException">It holds no files.</exception>
    public async Task<ObjectRef> ImportAsync(string folder, string kind, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"the {kind} folder '{folder}' does not exist; give the path of one");
        if (!Directory.EnumerateFiles(folder, "*", VisibleFiles).Any())
            throw new InvalidDataException($"the {kind} folder '{folder}' holds no files; give one with {kind} files");
        return await SaveAsync(folder, kind, madeBy: null, NoInputs, cancellationToken);
    }

    /// <summary>Opens one file of an artifact, of which no local copy is made; null if it has no such file. The name is
    /// looked up in the manifest and never touches a file system.</summary>
    public async Task<(Stream Content, ObjectRef Reference)?> OpenFileAsync(
        ObjectRef artifact, string file, CancellationToken cancellationToken) =>
        (await ReadManifestAsync(artifact, cancellationToken)).Files.TryGetValue(file, out var reference)
            ? (await store.OpenAsync(reference, cancellationToken), reference)
            : null;

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="FileNotFoundException">It is not in the store.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or the object is not a manifest.</exception>
    public async Task<ArtifactManifest> ReadManifestAsync(ObjectRef reference, CancellationToken cancellationToken)
    {
        if (reference.Length > LargestManifest)
            throw new InvalidDataException($"object {reference.Sha256} is too long to be the manifest of an artifact");
        var bytes = new MemoryStream((int)reference.Length);
        await ReadAsync(reference, bytes, cancellationToken);
        try
        {
            bytes.Position = 0;
            var manifest = JsonSerializer.Deserialize<ArtifactManifest>(bytes, JsonSerializerOptions.Web);
            if (manifest is { Kind: not null, Files: not null, Inputs: not null })
                return manifest;
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"object {reference.Sha256} is not the manifest of an artifact", exception);
        }
        throw new InvalidDataException($"object {reference.Sha256} is not the manifest of an artifact");
    }

    /// <summary>One file of an artifact, without the others; null if there is no such file.</summary>
    public async Task<byte[]?> ReadFileAsync(ObjectRef reference, string path, CancellationToken cancellationToken)
    {
        var manifest = await ReadManifestAsync(reference, cancellationToken);
        if (!manifest.Files.TryGetValue(path, out var file))
            return null;
        var bytes = new MemoryStream();
        await ReadAsync(file, bytes, cancellationToken);
        return bytes.ToArray();
    }

    /// <summary>
    /// The artifact as a local folder of read-only files, whose digests were all seen to be right just now.
    /// </summary>
    public async Task<string> FetchAsync(ObjectRef reference, CancellationToken cancellationToken)
    {
        var manifest = await ReadManifestAsync(reference, cancellationToken);
        var folder = _copies.PathOf(reference.Sha256);
        if (_copies.Use(reference.Sha256))
        {
            if (await MatchesAsync(folder, manifest, cancellationToken))
                return folder;
            Directory.Delete(folder, recursive: true);
        }
        var fresh = _copies.Begin();
        try
        {
            await Parallel.ForEachAsync(manifest.Files, InParallel(cancellationToken), async (file, token) =>
            {
                var target = Inside(fresh, file.Key);
                await AgainAsync(async () =>
                {
                    await store.FetchAsync(file.Value, target, token);
                    return target;
                });
                File.SetAttributes(target, FileAttributes.ReadOnly);
            });
            Directory.Move(fresh, folder);
        }
        catch (IOException) when (Directory.Exists(folder) && Directory.Exists(fresh))
        {
            // Another fetch of the same artifact was faster; its files were verified like ours.
            Directory.Delete(fresh, recursive: true);
        }
        catch
        {
            if (Directory.Exists(fresh))
                Directory.Delete(fresh, recursive: true);
            throw;
        }
        return folder;
    }

    /// <summary>
    /// Whether the manifest and every object it lists are in the store with the right digests; reads them all.
    /// </summary>
    public async Task<bool> IsIntactAsync(ObjectRef reference, CancellationToken cancellationToken)
    {
        try
        {
            var manifest = await ReadManifestAsync(reference, cancellationToken);
            foreach (var file in manifest.Files.Values)
                if (!await store.ExistsAsync(file, cancellationToken))
                    return false;
            foreach (var file in manifest.Files.Values)
                await ReadAsync(file, Stream.Null, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is InvalidDataException or FileNotFoundException)
        {
            return false;
        }
    }

    private Task ReadAsync(ObjectRef reference, Stream target, CancellationToken cancellationToken) =>
        AgainAsync(async () =>
        {
            target.SetLength(0);
            await using var content = await store.OpenAsync(reference, cancellationToken);
            await content.CopyToAsync(target, cancellationToken);
            return reference;
        });

    // Hours of work are not given up for one lost answer; and what came damaged may be whole in the store.
    private static async Task<TResult> AgainAsync<TResult>(Func<Task<TResult>> call)
    {
        for (var left = Tries - 1; left > 0; left--)
        {
            try
            {
                return await call();
            }
            catch (Exception exception) when (exception is InvalidDataException
                || (exception is IOException && Failures.KindOf(exception, false) == FailureKind.Transient))
            {
                // The last try says what is wrong.
            }
        }
        return await call();
    }

    private static async Task<bool> MatchesAsync(
        string folder, ArtifactManifest manifest, CancellationToken cancellationToken)
    {
        var wrong = 0;
        await Parallel.ForEachAsync(manifest.Files, InParallel(cancellationToken), async (file, token) =>
        {
            var path = Inside(folder, file.Key);
            if (!File.Exists(path) || await FileDigest.OfAsync(path, token) != file.Value)
                Interlocked.Increment(ref wrong);
        });
        return wrong == 0;
    }

    private static ParallelOptions InParallel(CancellationToken cancellationToken) => new()
    {
        MaxDegreeOfParallelism = ParallelFiles, CancellationToken = cancellationToken,
    };

    private static string Inside(string folder, string path)
    {
        // A zero byte is no path at all, and one that ends with a separator names a folder.
        var full = path.Contains('\0') || path.EndsWith('/') ? "" : Path.GetFullPath(Path.Combine(folder, path));
        return full.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? full
            : throw new InvalidDataException(
                $"the manifest names '{path}', which is no file inside its artifact; do not use it");
    }
}
