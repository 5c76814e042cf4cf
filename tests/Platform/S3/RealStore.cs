using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Mlops.Contracts;
using Mlops.Platform.Hosting;
using Mlops.Platform.Objects.S3;
using Mlops.Tests.Support;

namespace Mlops.Tests.Platform.S3;

/// <summary>
/// A bucket of its own on the server that the environment names, and a way to reach behind the store's back.
/// </summary>
public sealed class RealStore : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private AmazonS3Client? _server;

    /// <summary>Where the test's store is.</summary>
    public StoreOptions Options { get; private set; } = null!;

    /// <summary>The folder for unfinished transfers and fetched files.</summary>
    public TemporaryFolder Folder => _folder;

    /// <summary>The server, for what a store cannot do.</summary>
    public AmazonS3Client Server => _server!;

    public async Task InitializeAsync()
    {
        var named = Connections.FromEnvironment().Store ?? throw new InvalidOperationException(
            "these tests need an S3 server: run them by `make e2e`, or set MLOPS_STORE and its credentials");
        Options = named with { Bucket = $"test-{Guid.NewGuid():N}" };
        _server = Client(Options);
        await _server.PutBucketAsync(Options.Bucket);
    }

    /// <summary>A store on the bucket; it shares the folder with all others of this test.</summary>
    public S3ObjectStore Open(StoreOptions? options = null, TimeSpan? patience = null, TimeProvider? time = null) =>
        new(options ?? Options, _folder.File("transfers"), patience, time);

    /// <summary>Replaces the bytes of an object.</summary>
    public async Task OverwriteAsync(ObjectRef reference, byte[] bytes) => await Server.PutObjectAsync(
        new PutObjectRequest
        {
            BucketName = Options.Bucket, Key = KeyOf(reference), InputStream = new MemoryStream(bytes),
            UseChunkEncoding = false,
        });

    /// <summary>The key of an object.</summary>
    public static string KeyOf(ObjectRef reference) => $"sha256/{reference.Sha256[..2]}/{reference.Sha256}";

    /// <summary>Uploads that nobody completed.</summary>
    public async Task<IReadOnlyList<MultipartUpload>> UnfinishedAsync() =>
        (await Server.ListMultipartUploadsAsync(Options.Bucket)).MultipartUploads ?? [];

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            foreach (var upload in await UnfinishedAsync())
                await _server.AbortMultipartUploadAsync(Options.Bucket, upload.Key, upload.UploadId);
            while ((await _server.ListObjectsV2Async(new() { BucketName = Options.Bucket })).S3Objects is { } left)
                foreach (var item in left)
                    await _server.DeleteObjectAsync(Options.Bucket, item.Key);
            await _server.DeleteBucketAsync(Options.Bucket);
            _server.Dispose();
        }
        _folder.Dispose();
    }

    /// <summary>A client of the vendor's, for what ours does not do.</summary>
    public static AmazonS3Client Client(StoreOptions options) => new(
        new BasicAWSCredentials(options.AccessKey, options.SecretKey),
        new AmazonS3Config
        {
            ServiceURL = options.Endpoint.ToString(), ForcePathStyle = true, AuthenticationRegion = "us-east-1",
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });
}
