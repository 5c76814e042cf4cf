using Mlops.Contracts;
using Mlops.Platform.Errors;

namespace Mlops.Tests.Platform.S3;

/// <summary>
/// What a transfer that breaks off costs, and that an upload which nobody comes back for does not stay on the server.
/// </summary>
[Trait("Category", "EndToEnd")]
public sealed class InterruptedTransferTests : IAsyncLifetime
{
    private const int Part = 16 << 20;
    private const int Length = 7 * Part;

    // Parts are sent one after the other, and of a download's ranges four are under way at most: when more bytes than
    // that were carried, one at least has arrived.
    private const int BreaksAfter = 5 * Part;

    private readonly RealStore _real = new();
    private readonly byte[] _bytes = new byte[Length];

    public async Task InitializeAsync()
    {
        new Random(3).NextBytes(_bytes);
        await _real.InitializeAsync();
    }

    [Fact]
    public async Task The_next_process_sends_the_object_anew_and_removes_what_had_arrived()
    {
        await InterruptAsync();
        Assert.Single(await _real.UnfinishedAsync());
        using var next = _real.Open();

        var reference = await next.PutAsync(new MemoryStream(_bytes), default);

        Assert.Empty(await _real.UnfinishedAsync());
        Assert.Empty(Directory.GetFiles(_real.Folder.File("transfers/uploads")));
        await next.FetchAsync(reference, _real.Folder.File("copy"), default);
    }

    [Fact]
    public async Task Of_two_processes_that_send_the_same_object_neither_fails_for_the_other()
    {
        using var first = _real.Open();
        using var second = _real.Open();

        var references = await Task.WhenAll(
            first.PutAsync(new MemoryStream(_bytes), default), second.PutAsync(new MemoryStream(_bytes), default));

        Assert.Single(references.Distinct());
        Assert.Empty(await _real.UnfinishedAsync());
        await first.FetchAsync(references[0], _real.Folder.File("copy"), default);
    }

    [Fact]
    public async Task An_upload_that_is_aborted_under_way_is_an_error_that_may_pass()
    {
        await using var wire = new Wire(_real.Options.Endpoint, haltsAfter: BreaksAfter);
        using var store = _real.Open(_real.Options with { Endpoint = wire.Address });
        var upload = store.PutAsync(new MemoryStream(_bytes), default);
        await (await Task.WhenAny(wire.Halted, upload));
        await _real.AbortAsync(Assert.Single(await _real.UnfinishedAsync()).Key);

        wire.GoOn();
        var thrown = await Assert.ThrowsAsync<IOException>(() => upload);

        Assert.Contains("try again", thrown.Message);
        Assert.Equal(FailureKind.Transient, Failures.KindOf(thrown, stopRequested: false));
    }

    [Fact]
    public async Task Connections_that_drop_cost_a_part_of_an_upload_and_not_the_whole()
    {
        await using var wire = new Wire(_real.Options.Endpoint, dropsAfter: BreaksAfter);
        using var store = _real.Open(_real.Options with { Endpoint = wire.Address });

        var reference = await store.PutAsync(new MemoryStream(_bytes), default);

        Assert.InRange(wire.Sent, Length, Length + Part + (1 << 20));
        await store.FetchAsync(reference, _real.Folder.File("copy"), default);
    }

    [Fact]
    public async Task Connections_that_drop_cost_a_few_ranges_of_a_download_and_not_the_whole()
    {
        using var store = _real.Open();
        var reference = await store.PutAsync(new MemoryStream(_bytes), default);
        await using var wire = new Wire(_real.Options.Endpoint, dropsAfter: BreaksAfter);
        using var through = _real.Open(_real.Options with { Endpoint = wire.Address });

        await through.FetchAsync(reference, _real.Folder.File("copy"), default);

        Assert.InRange(wire.Received, Length, Length + (4 * Part) + (1 << 20));
        var copy = await File.ReadAllBytesAsync(_real.Folder.File("copy"));
        Assert.True(_bytes.SequenceEqual(copy));
    }

    [Fact]
    public async Task An_upload_that_nobody_went_on_with_for_a_day_is_aborted()
    {
        await InterruptAsync();
        var record = Assert.Single(Directory.GetFiles(_real.Folder.File("transfers/uploads")));
        File.SetLastWriteTimeUtc(record, DateTime.UtcNow.AddDays(-2));
        using var next = _real.Open();

        await next.PutAsync(new MemoryStream(new byte[Part + 1]), default);

        Assert.Empty(await _real.UnfinishedAsync());
        Assert.False(File.Exists(record));
    }

    [Fact]
    public async Task What_is_stored_already_is_not_sent_again()
    {
        using var store = _real.Open();
        await store.PutAsync(new MemoryStream(_bytes), default);
        await using var wire = new Wire(_real.Options.Endpoint);
        using var again = _real.Open(_real.Options with { Endpoint = wire.Address });

        await again.PutAsync(new MemoryStream(_bytes), default);

        Assert.InRange(wire.Sent, 1, 10_000);
    }

    public Task DisposeAsync() => _real.DisposeAsync();

    private async Task InterruptAsync()
    {
        await using var wire = new Wire(_real.Options.Endpoint, breaksAfter: BreaksAfter);
        using var first = _real.Open(_real.Options with { Endpoint = wire.Address }, TimeSpan.Zero);
        await Assert.ThrowsAsync<IOException>(() => first.PutAsync(new MemoryStream(_bytes), default));
    }
}
