using Mlops.Contracts;
using Mlops.Platform.Objects;

namespace Mlops.Platform.Jobs;

/// <summary>
/// Keeps unfinished work under the key of its job, so that another execution of an equal order goes on where it
/// stopped. Writers need no lock: the work is deterministic, so an older checkpoint written late only costs time.
/// </summary>
public sealed class CheckpointStore(ArtifactStore artifacts, IObjectStore store, string key, UsageMeter? usage = null)
{
    private static readonly Dictionary<string, ObjectRef> NoInputs = [];
    private readonly string _name = $"checkpoints/{key}";

    /// <summary>Where a part of the work is kept that other jobs do as well.</summary>
    public CheckpointStore Of(JobKey part) => new(artifacts, store, part.Digest, usage);

    /// <summary>
    /// Stores every file of the folder as the latest checkpoint; atomic: a kill leaves the one before.
    /// </summary>
    public async Task SaveAsync(string folder, CancellationToken cancellationToken)
    {
        var soFar = usage?.Elapsed;
        var manifest = await artifacts.SaveAsync(folder, "checkpoint", key, NoInputs, cancellationToken);
        await store.SetNameAsync(_name, manifest, cancellationToken);
        if (soFar is { } safe)
            usage!.Save(safe);
    }

    /// <summary>Stores what <paramref name="write"/> puts into a folder, likewise.</summary>
    public async Task SaveAsync(Action<string> write, CancellationToken cancellationToken)
    {
        using var folder = new ScratchFolder();
        write(folder.Path);
        await SaveAsync(folder.Path, cancellationToken);
    }

    /// <summary>
    /// A folder with the files of the latest checkpoint, or null: none was saved, or its files are damaged.
    /// </summary>
    public async Task<string?> LatestAsync(CancellationToken cancellationToken)
    {
        var manifest = await store.TryResolveAsync(_name, cancellationToken);
        return manifest is not null && await artifacts.IsIntactAsync(manifest, cancellationToken)
            ? await artifacts.FetchAsync(manifest, cancellationToken)
            : null;
    }
}
