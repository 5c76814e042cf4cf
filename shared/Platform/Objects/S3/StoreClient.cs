using Amazon.Runtime;
using Amazon.S3;

namespace Mlops.Platform.Objects.S3;

/// <summary>
/// Calls to one bucket: repeated while they may pass, for as long as a server needs to start again; explained when they
/// do not.
/// </summary>
/// <param name="store">Where and as whom.</param>
/// <param name="patience">How long a call is repeated.</param>
/// <param name="time">Measures, and paces the repetitions.</param>
internal sealed class StoreClient(StoreOptions store, TimeSpan patience, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan OneCall = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan Connecting = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    private readonly AmazonS3Client _s3 = new(
        new BasicAWSCredentials(store.AccessKey, store.SecretKey),
        new AmazonS3Config
        {
            ServiceURL = store.Endpoint.ToString(),
            ForcePathStyle = true,
            AuthenticationRegion = "us-east-1",
            // Servers other than Amazon's refuse the trailing checksums that are the default.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            Timeout = OneCall,
            ConnectTimeout = Connecting,
            // One repetition of its own: that is where the SDK corrects a clock that is wrong.
            MaxErrorRetry = 1,
        });

    /// <summary>The one bucket.</summary>
    public string Bucket => store.Bucket;

    /// <summary>Where that is, for sentences.</summary>
    public string Address => $"{store.Endpoint}{store.Bucket}";

    /// <summary>
    /// Calls, perhaps several times: the call must bear that, and read a whole answer before it returns.
    /// </summary>
    /// <exception cref="ArgumentException">Credentials or bucket are wrong.</exception>
    /// <exception cref="IOException">The server did not serve us for as long as we are patient.</exception>
    /// <exception cref="AmazonS3Exception">An answer that means something to the caller.</exception>
    public Task<TResult> CallAsync<TResult>(
        Func<IAmazonS3, CancellationToken, Task<TResult>> call, CancellationToken cancellationToken) =>
        CallAsync((s3, _, token) => call(s3, token), cancellationToken);

    /// <summary>The same for a call that wants to know whether an earlier try of it may have been served.</summary>
    public async Task<TResult> CallAsync<TResult>(
        Func<IAmazonS3, bool, CancellationToken, Task<TResult>> call, CancellationToken cancellationToken)
    {
        var begin = time.GetTimestamp();
        for (var attempt = 0;; attempt++)
        {
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(OneCall);
                return await call(_s3, attempt > 0, limit.Token);
            }
            catch (Exception exception) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException("the transfer was stopped", exception, cancellationToken);
            }
            catch (Exception exception)
                when (StoreErrors.MayPass(exception) && time.GetElapsedTime(begin) < patience)
            {
                await Task.Delay(Pause(attempt), time, cancellationToken);
            }
            catch (Exception exception) when (StoreErrors.Explain(exception, store) is { } explained)
            {
                throw explained;
            }
        }
    }

    /// <summary>The body of one try; every try needs its own, and the SDK closes what it has sent.</summary>
    public static MemoryStream Body(ArraySegment<byte> bytes) =>
        new(bytes.Array!, bytes.Offset, bytes.Count, writable: false);

    /// <inheritdoc/>
    public void Dispose() => _s3.Dispose();

    // Doubles, and is never the same for two processes that lost the server together.
    private static TimeSpan Pause(int attempt)
    {
        var doubled = FirstPause * Math.Pow(2, Math.Min(attempt, 10));
        return (doubled < LongestPause ? doubled : LongestPause) * (0.5 + Random.Shared.NextDouble());
    }
}
