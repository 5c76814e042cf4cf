using System.Net.Http.Headers;
using Minio;
using Minio.DataModel.Args;
using Minio.Exceptions;

namespace Mlops.Platform.Objects.S3;

/// <summary>
/// Calls to one bucket: every request is repeated while its failure may pass, and one that stays is explained.
/// </summary>
internal sealed class StoreClient : IDisposable
{
    private static readonly TimeSpan Connecting = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan OneAddress = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SignedFor = TimeSpan.FromHours(1);

    private readonly StoreOptions _store;
    private readonly RetryWindow _window;
    private readonly IMinioClient _minio;
    private readonly HttpMessageInvoker _reader;

    /// <param name="retryWindow">How long a request is repeated.</param>
    public StoreClient(StoreOptions store, TimeSpan retryWindow, TimeProvider time)
    {
        (_store, _window) = (store, new RetryWindow(store, retryWindow, time));
        var answers = new RefusalHandler
        {
            InnerHandler = new SocketsHttpHandler
            {
                // A signature holds for one host, and a server that moved is found by its name again.
                ConnectTimeout = Connecting, PooledConnectionLifetime = OneAddress, AllowAutoRedirect = false,
            },
        };
        _reader = new HttpMessageInvoker(answers, disposeHandler: false);
        var http = new HttpClient(new RetryHandler(_window) { InnerHandler = answers });
        _minio = new MinioClient()
            .WithEndpoint(store.Endpoint)
            .WithSSL(store.Endpoint.Scheme == Uri.UriSchemeHttps)
            .WithCredentials(store.AccessKey, store.SecretKey)
            .WithRegion("us-east-1")
            .WithHttpClient(http, disposeHttpClient: true)
            .Build();
        // Build sets half an hour; the window limits each try, and an upload of many parts may take longer.
        http.Timeout = Timeout.InfiniteTimeSpan;
    }

    /// <summary>The one bucket.</summary>
    public string Bucket => _store.Bucket;

    /// <summary>Where that is, for sentences.</summary>
    public string Address => $"{_store.Endpoint}{_store.Bucket}";

    /// <summary>Calls the server.</summary>
    /// <exception cref="ArgumentException">Credentials or bucket are wrong.</exception>
    /// <exception cref="IOException">The server did not answer within the retry window.</exception>
    /// <exception cref="StoreRefusalException">An answer that means something to the caller.</exception>
    public async Task<TResult> CallAsync<TResult>(
        Func<IMinioClient, CancellationToken, Task<TResult>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call(_minio, cancellationToken);
        }
        catch (Exception exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("the transfer was stopped", exception, cancellationToken);
        }
        catch (InvalidBucketNameException exception)
        {
            throw StoreErrors.NoBucket(_store, exception);
        }
    }

    /// <summary>The same for a call without a result.</summary>
    public Task CallAsync(Func<IMinioClient, CancellationToken, Task> call, CancellationToken cancellationToken) =>
        CallAsync(
            async (minio, token) =>
            {
                await call(minio, token);
                return true;
            }, cancellationToken);

    /// <summary>What stores an object once: its bytes are the rest of the stream.</summary>
    public PutObjectArgs Put(string key, Stream content) => new PutObjectArgs()
        .WithBucket(Bucket).WithObject(key).WithStreamData(content).WithObjectSize(content.Length - content.Position);

    /// <summary>
    /// Reads an object, or a range of it, by an address that the client signs. Its own GetObject (7.0.0) fails for
    /// ranges (it takes status 206 for an error), hides the answer's headers, and asks twice more for each read.
    /// </summary>
    /// <param name="range">Which bytes; null for all.</param>
    /// <param name="read">Reads the answer to its end; is called again when that fails.</param>
    public Task<TResult> ReadAsync<TResult>(
        string key, RangeHeaderValue? range, Func<HttpContent, CancellationToken, Task<TResult>> read,
        CancellationToken cancellationToken) => CallAsync(
        (minio, callToken) => _window.RunAsync(
            async (_, token) =>
            {
                var signed = await minio.PresignedGetObjectAsync(
                    new PresignedGetObjectArgs().WithBucket(Bucket).WithObject(key)
                        .WithExpiry((int)SignedFor.TotalSeconds));
                using var request = new HttpRequestMessage(HttpMethod.Get, signed);
                request.Headers.Range = range;
                using var answer = await _reader.SendAsync(request, token);
                return await read(answer.Content, token);
            }, callToken), cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.Dispose();
        _minio.Dispose();
    }
}
