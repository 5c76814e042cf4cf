using Minio.DataModel.Args;
using Mlops.Contracts;
using Mlops.Platform.Objects;
using Mlops.Platform.Objects.S3;

namespace Mlops.Tests.Platform.S3;

[Trait("Category", "EndToEnd")]
public sealed class S3ObjectStoreTests : ObjectStoreConformance, IAsyncLifetime
{
    private readonly RealStore _real = new();
    private S3ObjectStore? _store;

    protected override IObjectStore Store => _store!;

    public async Task InitializeAsync()
    {
        await _real.InitializeAsync();
        _store = _real.Open();
    }

    [Fact]
    public async Task Nothing_of_a_transfer_is_left_on_the_disk()
    {
        var bytes = new byte[40 << 20];
        Random.Shared.NextBytes(bytes);

        var reference = await Store.PutAsync(new MemoryStream(bytes), default);
        await (await Store.OpenAsync(reference, default)).DisposeAsync();

        Assert.Empty(_real.Folder.Files);
        Assert.Empty(await _real.UnfinishedAsync());
    }

    public async Task DisposeAsync()
    {
        _store?.Dispose();
        await _real.DisposeAsync();
    }

    protected override async Task DamageAsync(ObjectRef reference)
    {
        var content = new MemoryStream();
        await _real.Server.GetObjectAsync(
            new GetObjectArgs().WithBucket(_real.Options.Bucket).WithObject(RealStore.KeyOf(reference))
                .WithCallbackStream((body, token) => body.CopyToAsync(content, token)));
        var bytes = content.ToArray();
        bytes[^1] ^= 1;
        await _real.OverwriteAsync(reference, bytes);
    }
}
