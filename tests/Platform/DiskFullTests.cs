using Mlops.Contracts;
using Mlops.Platform.Errors;
using Mlops.Platform.Objects;
using Mlops.Tests.Support;

namespace Mlops.Tests.Platform;

/// <summary>A disk that is really full: nothing half-written stays, and there is room to go on afterwards.</summary>
public sealed class DiskFullTests : IDisposable
{
    private const int VolumeMebibytes = 8;

    private readonly TemporaryFolder _folder = new();

    [RootFact]
    public async Task A_fetch_into_a_full_disk_is_permanent_says_so_and_leaves_no_file()
    {
        using var volume = new SmallVolume(VolumeMebibytes);
        var store = new FolderObjectStore(_folder.Path);
        var large = await store.PutAsync(Bytes(VolumeMebibytes + 1), default);
        var small = await store.PutAsync(Bytes(VolumeMebibytes - 1), default);

        var thrown = await Assert.ThrowsAsync<IOException>(
            () => store.FetchAsync(large, Path.Combine(volume.Path, "large"), default));

        Assert.Equal(FailureKind.Permanent, Failures.KindOf(thrown, stopRequested: false));
        Assert.StartsWith("the disk is full", Failures.ReasonOf(thrown));
        Assert.Empty(Directory.GetFiles(volume.Path));
        await store.FetchAsync(small, Path.Combine(volume.Path, "small"), default);
    }

    [RootFact]
    public async Task An_artifact_that_does_not_fit_leaves_the_cache_empty()
    {
        using var volume = new SmallVolume(VolumeMebibytes);
        var store = new FolderObjectStore(_folder.File("objects"));
        var artifacts = new ArtifactStore(store, Path.Combine(volume.Path, "cache"));
        foreach (var name in (string[])["a", "b", "c"])
            await File.WriteAllBytesAsync(Source(name), new byte[3 << 20]);
        var saved = await artifacts.ImportAsync(_folder.File("source"), "model", default);

        var thrown = await Record.ExceptionAsync(() => artifacts.FetchAsync(saved, default));

        Assert.Equal(FailureKind.Permanent, Failures.KindOf(thrown!, stopRequested: false));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(volume.Path, "cache")));
    }

    [RootFact]
    public async Task A_store_on_a_full_disk_keeps_what_it_had()
    {
        using var volume = new SmallVolume(VolumeMebibytes);
        var store = new FolderObjectStore(volume.Path);
        var kept = await store.PutAsync(Bytes(VolumeMebibytes / 2), default);

        await Assert.ThrowsAsync<IOException>(() => store.PutAsync(Bytes(VolumeMebibytes), default));

        await store.FetchAsync(kept, _folder.File("kept"), default);
        await store.PutAsync(Bytes(1), default);
    }

    public void Dispose() => _folder.Dispose();

    private string Source(string name)
    {
        Directory.CreateDirectory(_folder.File("source"));
        return _folder.File($"source/{name}");
    }

    private static MemoryStream Bytes(int mebibytes) => new(new byte[mebibytes << 20]);
}
