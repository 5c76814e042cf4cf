using Mlops.Contracts;
using Mlops.Platform.Objects;
using Mlops.Tests.Support;

namespace Mlops.Tests.Platform;

public sealed class FolderObjectStoreTests : ObjectStoreConformance, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FolderObjectStore _store;

    public FolderObjectStoreTests() => _store = new FolderObjectStore(_folder.Path);

    protected override IObjectStore Store => _store;

    [Fact]
    public async Task A_put_that_breaks_leaves_no_temporary_file()
    {
        await Assert.ThrowsAsync<IOException>(() => _store.PutAsync(new BreakingStream(), default));

        Assert.Empty(_folder.Files);
    }

    [Fact]
    public async Task What_one_store_wrote_another_on_the_same_folder_reads()
    {
        var reference = await PutAsync("kept");
        await _store.SetNameAsync("results/a", reference, default);

        var again = new FolderObjectStore(_folder.Path);

        Assert.Equal(reference, await again.ResolveAsync("results/a", default));
        Assert.True(await again.ExistsAsync(reference, default));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"sha256":"../../etc","length":1}""")]
    public async Task A_damaged_name_is_said_to_be_one_and_what_can_be_made_again_is_bound_anew(string text)
    {
        var reference = await PutAsync("kept");
        await _store.SetNameAsync("results/a", reference, default);
        await File.WriteAllTextAsync(_folder.File("names/results/a"), text);

        var thrown = await Assert.ThrowsAsync<InvalidDataException>(() => _store.ResolveAsync("results/a", default));

        Assert.Contains("the name 'results/a'", thrown.Message, StringComparison.Ordinal);
        Assert.Null(await _store.TryResolveAsync("results/a", default));
        Assert.False(await _store.TryCreateNameAsync("results/a", reference, default));
        await _store.SetNameAsync("results/a", reference, default);
        Assert.Equal(reference, await _store.TryResolveAsync("results/a", default));
    }

    public void Dispose() => _folder.Dispose();

    protected override Task DamageAsync(ObjectRef reference)
    {
        var path = _folder.File(Path.Combine("sha256", reference.Sha256[..2], reference.Sha256));
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        return Task.CompletedTask;
    }
}
