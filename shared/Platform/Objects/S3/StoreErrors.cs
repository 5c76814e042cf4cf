using System.Net;
using Polly.Timeout;

namespace Mlops.Platform.Objects.S3;

/// <summary>
/// What the server's answers mean. Only codes count: Ceph's messages are empty, and other servers' quote the request.
/// </summary>
internal static class StoreErrors
{
    private static readonly string[] Refusals =
        ["InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "Forbidden", "InvalidToken"];

    // A bare BadRequest is what Ceph says to a request that it believes to begin in the body of a refused one; a wrong
    // digest of the body means that the wire changed it.
    private static readonly string[] Passing =
    [
        "BadRequest", "BadDigest", "XAmzContentSHA256Mismatch", "RequestTimeout", "SlowDown",
        "ConditionalRequestConflict", "OperationAborted",
    ];

    /// <summary>No object or name of that key.</summary>
    public static bool IsMissing(StoreRefusalException refusal) => refusal.Code is "NoSuchKey" or "NotFound";

    /// <summary>Someone else completed or aborted the upload; servers differ in the code they give it.</summary>
    public static bool IsUploadGone(StoreRefusalException refusal) => refusal.Status == HttpStatusCode.NotFound;

    /// <summary>The key is taken.</summary>
    public static bool IsTaken(StoreRefusalException refusal) => refusal.Status == HttpStatusCode.PreconditionFailed;

    /// <summary>The object ends before the range that was asked for.</summary>
    public static bool IsBeyondEnd(StoreRefusalException refusal) =>
        refusal.Status == HttpStatusCode.RequestedRangeNotSatisfiable;

    /// <summary>
    /// Whether the same request may succeed a little later; the caller's own cancellation is not asked here.
    /// </summary>
    public static bool MayPass(Exception exception) => exception switch
    {
        StoreRefusalException refusal => (int)refusal.Status >= 500 || Passing.Contains(refusal.Code),
        HttpRequestException or IOException or OperationCanceledException or TimeoutRejectedException => true,
        _ => false,
    };

    /// <summary>One sentence for the person who has to fix it; null
    /// for answers that the caller understands itself.</summary>
    public static Exception? Explain(Exception exception, StoreOptions store) => exception switch
    {
        StoreRefusalException refusal when Refusals.Contains(refusal.Code) => new ArgumentException(
            $"the object store {store.Endpoint} refuses the access key '{store.AccessKey}' for the bucket "
            + $"'{store.Bucket}' ({refusal.Code}); correct MLOPS_STORE_ACCESS_KEY and MLOPS_STORE_SECRET_KEY", refusal),
        StoreRefusalException { Code: "NoSuchBucket" } => NoBucket(store, exception),
        StoreRefusalException { Code: "RequestTimeTooSkewed" } => new IOException(
            $"the clock of the object store {store.Endpoint} differs too much from ours; set both by a time server",
            exception),
        StoreRefusalException refusal when MayPass(refusal) => new IOException(
            $"the object store {store.Endpoint} cannot serve us now ({refusal.Code}); look at its log", refusal),
        StoreRefusalException => null,
        _ when MayPass(exception) => new IOException(
            $"the object store {store.Endpoint} cannot be reached; start it or correct MLOPS_STORE", exception),
        _ => null,
    };

    /// <summary>A bucket that is not there, or cannot be.</summary>
    public static ArgumentException NoBucket(StoreOptions store, Exception cause) => new(
        $"the object store {store.Endpoint} has no bucket '{store.Bucket}'; make it or correct MLOPS_STORE", cause);
}
