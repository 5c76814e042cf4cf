using System.Text;
using Mlops.Contracts;
using Mlops.Platform.Objects;
using Mlops.Tests.Support;

namespace Mlops.Tests.Platform;

/// <summary>
/// What every object store must do. A store's test class derives from it and adds how to damage an object.
/// </summary>
public abstract class ObjectStoreConformance
{
    private const string DigestOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    /// <summary>The store under test, empty at first.</summary>
    protected abstract IObjectStore Store { get; }

    /// <summary>Changes one byte of the stored object behind the store's back.</summary>
    protected abstract Task DamageAsync(ObjectRef reference);

    [Fact]
    public async Task An_object_is_named_by_its_digest_and_reads_back()
    {
        var reference = await PutAsync("abc");

        Assert.Equal(new ObjectRef(DigestOfAbc, 3), reference);
        Assert.Equal("abc", await ReadAsync(reference));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3_000_001)]
    [InlineData(33_554_433)]
    public async Task Objects_of_any_length_read_back(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);

        var reference = await Store.PutAsync(new MemoryStream(bytes), default);

        await using var stored = await Store.OpenAsync(reference, default);
        var read = new MemoryStream();
        await stored.CopyToAsync(read);
        Assert.True(bytes.SequenceEqual(read.ToArray()));
        using var folder = new TemporaryFolder();
        var file = folder.File("deep/down/copy");
        await Store.FetchAsync(reference, file, default);
        var fetched = await File.ReadAllBytesAsync(file);
        Assert.True(bytes.SequenceEqual(fetched));
        await using var source = File.OpenRead(file);
        Assert.Equal(reference, await Store.PutAsync(source, default));
    }

    [Fact]
    public async Task A_missing_or_damaged_object_is_not_fetched_and_leaves_no_file()
    {
        using var folder = new TemporaryFolder();
        var missing = new ObjectRef(DigestOfAbc, 3);
        var damaged = await PutAsync("precious");
        await DamageAsync(damaged);

        await Assert.ThrowsAsync<FileNotFoundException>(() => Store.FetchAsync(missing, folder.File("a"), default));
        await Assert.ThrowsAsync<InvalidDataException>(() => Store.FetchAsync(damaged, folder.File("b"), default));

        Assert.Empty(folder.Files);
    }

    [Fact]
    public async Task Equal_bytes_are_one_object_however_often_and_wherever_from_they_are_put()
    {
        var references = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PutAsync("equal")));

        Assert.Single(references.Distinct());
        Assert.Equal("equal", await ReadAsync(references[0]));
    }

    [Fact]
    public async Task A_missing_object_is_reported_by_its_digest()
    {
        var missing = new ObjectRef(DigestOfAbc, 3);

        var thrown = await Assert.ThrowsAsync<FileNotFoundException>(() => Store.OpenAsync(missing, default));

        Assert.Contains(DigestOfAbc, thrown.Message);
        Assert.False(await Store.ExistsAsync(missing, default));
    }

    [Fact]
    public async Task An_object_of_another_length_does_not_exist()
    {
        var reference = await PutAsync("abc");

        Assert.True(await Store.ExistsAsync(reference, default));
        Assert.False(await Store.ExistsAsync(reference with { Length = 4 }, default));
    }

    [Fact]
    public async Task A_damaged_object_is_found_when_it_is_read_to_its_end()
    {
        var reference = await PutAsync("precious");
        await DamageAsync(reference);

        var thrown = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(reference));

        Assert.Contains(reference.Sha256, thrown.Message);
    }

    [Fact]
    public async Task Putting_the_bytes_again_repairs_a_damaged_object()
    {
        var reference = await PutAsync("precious");
        await DamageAsync(reference);

        await PutAsync("precious");

        Assert.Equal("precious", await ReadAsync(reference));
    }

    [Fact]
    public async Task A_reference_that_is_no_digest_is_refused()
    {
        var escape = new ObjectRef("../../etc/passwd", 3);

        await Assert.ThrowsAsync<InvalidDataException>(() => Store.OpenAsync(escape, default));
    }

    [Fact]
    public async Task A_name_points_at_what_it_was_bound_to_last()
    {
        var (first, second) = (await PutAsync("1"), await PutAsync("2"));

        await Store.SetNameAsync("checkpoints/abc", first, default);
        await Store.SetNameAsync("checkpoints/abc", second, default);

        Assert.Equal(second, await Store.ResolveAsync("checkpoints/abc", default));
        Assert.Null(await Store.ResolveAsync("checkpoints/other", default));
    }

    [Fact]
    public async Task Of_many_that_bind_a_free_name_at_once_exactly_one_wins()
    {
        var references = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => PutAsync($"{number}")));

        var won = await Task.WhenAll(
            references.Select(
                reference => Task.Run(() => Store.TryCreateNameAsync("results/race", reference, default))));

        Assert.Single(won, wins => wins);
        Assert.Equal(references[Array.IndexOf(won, true)], await Store.ResolveAsync("results/race", default));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/absolute")]
    [InlineData("a//b")]
    [InlineData("a/../b")]
    [InlineData("")]
    public async Task A_name_that_could_leave_the_store_is_refused(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.ResolveAsync(name, default));
    }

    [Fact]
    public async Task A_put_that_breaks_leaves_nothing_behind()
    {
        await Assert.ThrowsAsync<IOException>(() => Store.PutAsync(new BreakingStream(), default));

        var whole = new BreakingStream.Prefix();
        Assert.False(await Store.ExistsAsync(whole.Reference, default));
    }

    protected Task<ObjectRef> PutAsync(string text) =>
        Store.PutAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), default);

    protected async Task<string> ReadAsync(ObjectRef reference)
    {
        await using var stream = await Store.OpenAsync(reference, default);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }
}
