using System.Text;
using Mlops.Contracts;
using Mlops.Platform.Jobs;
using Mlops.Platform.Objects;
using Mlops.Tests.Support;

namespace Mlops.Tests.Platform;

public sealed class ArtifactStoreTests : IDisposable
{
    private static readonly Dictionary<string, ObjectRef> NoInputs = [];

    private readonly TemporaryFolder _folder = new();
    private readonly FolderObjectStore _objects;
    private readonly ArtifactStore _artifacts;

    public ArtifactStoreTests()
    {
        _objects = new FolderObjectStore(_folder.File("objects"));
        _artifacts = new ArtifactStore(_objects, _folder.File("cache"));
    }

    [Fact]
    public async Task A_saved_folder_comes_back_with_all_its_files()
    {
        var saved = await _artifacts.SaveAsync(Source(), "model", "key", NoInputs, default);

        var fetched = await _artifacts.FetchAsync(saved, default);

        Assert.Equal("weights", File.ReadAllText(Path.Combine(fetched, "unet", "weights.safetensors")));
        Assert.Equal("{}", File.ReadAllText(Path.Combine(fetched, "config.json")));
        Assert.Equal(fetched, await _artifacts.FetchAsync(saved, default));
    }

    [Fact]
    public async Task Equal_folders_have_equal_references_and_the_manifest_tells_the_lineage()
    {
        var input = await _artifacts.SaveAsync(Source(), "data", null, NoInputs, default);
        var inputs = new Dictionary<string, ObjectRef> { ["data"] = input };

        var first = await _artifacts.SaveAsync(Source(), "model", "key", inputs, default);
        var second = await _artifacts.SaveAsync(Source(), "model", "key", inputs, default);

        Assert.Equal(first, second);
        var manifest = await _artifacts.ReadManifestAsync(first, default);
        Assert.Equal(("model", "key"), (manifest.Kind, manifest.MadeBy));
        Assert.Equal(input, manifest.Inputs["data"]);
        Assert.Equal(["config.json", "unet/weights.safetensors"], manifest.Files.Keys);
    }

    [Fact]
    public async Task A_damaged_object_is_found_before_its_file_is_used()
    {
        var saved = await _artifacts.SaveAsync(Source(), "model", null, NoInputs, default);
        DamageObjectOf("weights");

        await Assert.ThrowsAsync<InvalidDataException>(() => _artifacts.FetchAsync(saved, default));

        Assert.False(await _artifacts.IsIntactAsync(saved, default));
        Assert.DoesNotContain(_folder.Files, file => file.StartsWith("cache", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_damaged_local_copy_is_replaced_from_the_store()
    {
        var saved = await _artifacts.SaveAsync(Source(), "model", null, NoInputs, default);
        var copy = Path.Combine(await _artifacts.FetchAsync(saved, default), "config.json");
        File.Delete(copy);
        File.WriteAllText(copy, "[]");

        var fetched = await _artifacts.FetchAsync(saved, default);

        Assert.Equal("{}", File.ReadAllText(Path.Combine(fetched, "config.json")));
    }

    [Fact]
    public async Task A_local_copy_that_nobody_used_for_a_month_makes_room_for_new_ones()
    {
        var (used, unused, fresh) = (await SaveAsync("used"), await SaveAsync("unused"), await SaveAsync("fresh"));
        var usedCopy = await _artifacts.FetchAsync(used, default);
        var unusedCopy = await _artifacts.FetchAsync(unused, default);
        foreach (var copy in new[] { usedCopy, unusedCopy })
            Directory.SetLastWriteTimeUtc(copy, DateTime.UtcNow.AddDays(-31));
        await _artifacts.FetchAsync(used, default);

        await _artifacts.FetchAsync(fresh, default);

        Assert.Equal((true, false), (Directory.Exists(usedCopy), Directory.Exists(unusedCopy)));
        Assert.Equal(unusedCopy, await _artifacts.FetchAsync(unused, default));
    }

    [Fact]
    public async Task Fetches_at_the_same_time_share_one_copy()
    {
        var saved = await _artifacts.SaveAsync(Source(), "model", null, NoInputs, default);

        var fetched = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => _artifacts.FetchAsync(saved, default))));

        Assert.Single(fetched.Distinct());
        Assert.Single(Directory.GetDirectories(_folder.File("cache")));
    }

    [Fact]
    public async Task A_manifest_that_names_files_outside_of_its_folder_is_refused()
    {
        var text = """{"kind":"model","files":{"../evil":{"sha256":"{0}","length":1}},"madeBy":null,"inputs":{}}"""
            .Replace("{0}", new string('a', 64), StringComparison.Ordinal);
        var evil = await _objects.PutAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), default);

        var thrown = await Assert.ThrowsAsync<InvalidDataException>(() => _artifacts.FetchAsync(evil, default));

        Assert.Contains("../evil", thrown.Message);
    }

    [Fact]
    public async Task An_object_that_is_no_manifest_says_so()
    {
        var other = await _objects.PutAsync(new MemoryStream("weights"u8.ToArray()), default);

        var thrown = await Assert.ThrowsAsync<InvalidDataException>(() => _artifacts.FetchAsync(other, default));

        Assert.Contains("not the manifest", thrown.Message);
    }

    [Fact]
    public async Task Missing_and_empty_folders_are_not_imported()
    {
        var empty = Directory.CreateDirectory(_folder.File("empty")).FullName;

        var missing = await Assert.ThrowsAsync<DirectoryNotFoundException>(
            () => _artifacts.ImportAsync(_folder.File("nowhere"), "data", default));
        var nothing = await Assert.ThrowsAsync<InvalidDataException>(
            () => _artifacts.ImportAsync(empty, "data", default));

        Assert.Contains("nowhere", missing.Message);
        Assert.Contains("holds no files", nothing.Message);
    }

    [Fact]
    public async Task The_latest_checkpoint_is_found_by_the_next_execution_of_an_equal_job()
    {
        var first = new CheckpointStore(_artifacts, _objects, "abc");
        Assert.Null(await first.LatestAsync(default));
        await first.SaveAsync(Source(), default);
        File.WriteAllText(Path.Combine(Source(), "config.json"), "later");
        await first.SaveAsync(_folder.File("source"), default);

        var latest = await new CheckpointStore(_artifacts, _objects, "abc").LatestAsync(default);

        Assert.Equal("later", File.ReadAllText(Path.Combine(latest!, "config.json")));
        Assert.Null(await new CheckpointStore(_artifacts, _objects, "abd").LatestAsync(default));
    }

    [Fact]
    public async Task A_damaged_checkpoint_counts_as_none()
    {
        var checkpoints = new CheckpointStore(_artifacts, _objects, "abc");
        await checkpoints.SaveAsync(Source(), default);
        DamageObjectOf("weights");

        Assert.Null(await checkpoints.LatestAsync(default));
    }

    public void Dispose() => _folder.Dispose();

    // The kind makes them different.
    private Task<ObjectRef> SaveAsync(string kind) =>
        _artifacts.SaveAsync(Source(), kind, madeBy: null, NoInputs, default);

    private string Source()
    {
        var source = _folder.File("source");
        Directory.CreateDirectory(Path.Combine(source, "unet"));
        File.WriteAllText(Path.Combine(source, "unet", "weights.safetensors"), "weights");
        File.WriteAllText(Path.Combine(source, "config.json"), "{}");
        File.WriteAllText(Path.Combine(source, ".hidden"), "not part of it");
        return source;
    }

    private void DamageObjectOf(string text)
    {
        var file = Directory.EnumerateFiles(_folder.File("objects/sha256"), "*", SearchOption.AllDirectories)
            .Single(path => File.ReadAllText(path) == text);
        File.WriteAllText(file, text.ToUpperInvariant());
    }
}
