namespace Mlops.Tests.Platform.S3;

/// <summary>An interrupted upload is gone on with, and one that nobody comes back for is aborted.</summary>
[Trait("Category", "EndToEnd")]
public sealed class UploadResumeTests : IAsyncLifetime
{
    private const int Part = 16 << 20;
    private const int Length = 7 * Part;

    // Four parts are under way at most: when more bytes than that were sent, one at least has arrived.
    private const int BreaksAfter = 5 * Part;

    private readonly RealStore _real = new();
    private readonly byte[] _bytes = new byte[Length];

    public async Task InitializeAsync()
    {
        new Random(3).NextBytes(_bytes);
        await _real.InitializeAsync();
    }

    [Fact]
    public async Task The_next_process_sends_only_what_the_server_does_not_have()
    {
        await InterruptAsync();
        var upload = Assert.Single(await _real.UnfinishedAsync());
        var arrived = (await _real.Server.ListPartsAsync(_real.Options.Bucket, upload.Key, upload.UploadId)).Parts;
        await using var wire = new Wire(_real.Options.Endpoint);
        using var next = _real.Open(_real.Options with { Endpoint = wire.Address });

        var reference = await next.PutAsync(new MemoryStream(_bytes), default);

        Assert.NotEmpty(arrived);
        Assert.InRange(wire.Sent, 1, Length - (arrived.Count * (long)Part) + (1 << 20));
        Assert.Empty(await _real.UnfinishedAsync());
        await next.FetchAsync(reference, _real.Folder.File("copy"), default);
    }

    [Fact]
    public async Task An_upload_that_the_server_forgot_begins_anew()
    {
        await InterruptAsync();
        var upload = Assert.Single(await _real.UnfinishedAsync());
        await _real.Server.AbortMultipartUploadAsync(_real.Options.Bucket, upload.Key, upload.UploadId);
        using var next = _real.Open();

        var reference = await next.PutAsync(new MemoryStream(_bytes), default);

        await next.FetchAsync(reference, _real.Folder.File("copy"), default);
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
