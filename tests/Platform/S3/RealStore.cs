using Minio;
using Minio.DataModel;
using Minio.DataModel.Args;
using Mlops.Contracts;
using Mlops.Platform.Configuration;
using Mlops.Platform.Objects.S3;
using Mlops.Tests.Support;

namespace Mlops.Tests.Platform.S3;

/// <summary>
/// A bucket of its own on the server that the environment names, and a way to reach behind the store's back.
/// </summary>
public sealed class RealStore : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private IMinioClient? _server;

    /// <summary>Where the test's store is.</summary>
    public StoreOptions Options { get; private set; } = null!;

    /// <summary>The folder for unfinished transfers and fetched files.</summary>
    public TemporaryFolder Folder => _folder;

    /// <summary>The server, for what a store cannot do.</summary>
    public IMinioClient Server => _server!;

    public async Task InitializeAsync()
    {
        var named = Connections.From(Settings.Load()).Store ?? throw new InvalidOperationException(
            "these tests need an S3 server: run them by `make e2e`, or set MLOPS_STORE and its credentials");
        Options = named with { Bucket = $"test-{Guid.NewGuid():N}" };
        _server = Client(Options);
        await _server.MakeBucketAsync(new MakeBucketArgs().WithBucket(Options.Bucket));
    }

    /// <summary>A store on the bucket; it shares the folder with all others of this test.</summary>
    public S3ObjectStore Open(StoreOptions? options = null, TimeSpan? retryWindow = null, TimeProvider? time = null) =>
        new(options ?? Options, _folder.File("transfers"), retryWindow, time);

    /// <summary>Replaces the bytes of an object.</summary>
    public Task OverwriteAsync(ObjectRef reference, byte[] bytes) => Server.PutObjectAsync(
        new PutObjectArgs().WithBucket(Options.Bucket).WithObject(KeyOf(reference))
            .WithStreamData(new MemoryStream(bytes)).WithObjectSize(bytes.Length));

    /// <summary>The key of an object.</summary>
    public static string KeyOf(ObjectRef reference) => $"sha256/{reference.Sha256[..2]}/{reference.Sha256}";

    /// <summary>Uploads that nobody completed.</summary>
    public ValueTask<List<Upload>> UnfinishedAsync() => Server
        .ListIncompleteUploadsEnumAsync(new ListIncompleteUploadsArgs().WithBucket(Options.Bucket)).ToListAsync();

    /// <summary>Removes the uploads of an object that nobody completed.</summary>
    public Task AbortAsync(string key) =>
        Server.RemoveIncompleteUploadAsync(new RemoveIncompleteUploadArgs().WithBucket(Options.Bucket).WithObject(key));

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            foreach (var upload in await UnfinishedAsync())
                await AbortAsync(upload.Key);
            var left = _server.ListObjectsEnumAsync(
                new ListObjectsArgs().WithBucket(Options.Bucket).WithRecursive(true));
            await foreach (var item in left)
                await _server.RemoveObjectAsync(new RemoveObjectArgs().WithBucket(Options.Bucket).WithObject(item.Key));
            await _server.RemoveBucketAsync(new RemoveBucketArgs().WithBucket(Options.Bucket));
            _server.Dispose();
        }
        _folder.Dispose();
    }

    /// <summary>A client as it is, for what ours does not do.</summary>
    public static IMinioClient Client(StoreOptions options) => new MinioClient()
        .WithEndpoint(options.Endpoint).WithSSL(options.Endpoint.Scheme == Uri.UriSchemeHttps)
        .WithCredentials(options.AccessKey, options.SecretKey).WithRegion("us-east-1").Build();
}
