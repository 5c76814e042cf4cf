namespace Mlops.Platform.Objects.S3;

/// <summary>
/// Repeats single requests of the Minio client: a part of a large object, not the whole. Its own hook for retries
/// (7.0.0) cannot: it appends the query to the address once more with each try, and is not told of a cancellation.
/// </summary>
internal sealed class RetryHandler(RetryWindow window) : DelegatingHandler
{
    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken) => window.RunAsync(
        (attempt, token) =>
        {
            request.Options.Set(RefusalHandler.Attempt, attempt);
            return base.SendAsync(request, token);
        }, cancellationToken);
}
