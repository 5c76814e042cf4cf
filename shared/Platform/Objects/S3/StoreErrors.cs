using System.Net;
using Amazon.Runtime;
using Amazon.S3;

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
        "BadRequest", "BadDigest", "XAmzContentSHA256Mismatch", "RequestTimeout", "RequestTimeTooSkewed", "SlowDown",
        "ConditionalRequestConflict", "OperationAborted",
    ];

    /// <summary>No object or name of that key.</summary>
    public static bool IsMissing(AmazonS3Exception error) => error.ErrorCode is "NoSuchKey" or "NotFound";

    /// <summary>Someone else completed or aborted the upload; servers differ in the code they give it.</summary>
    public static bool IsUploadGone(AmazonS3Exception error) => error.StatusCode == HttpStatusCode.NotFound;

    /// <summary>The key is taken.</summary>
    public static bool IsTaken(AmazonS3Exception error) => error.StatusCode == HttpStatusCode.PreconditionFailed;

    /// <summary>The object ends before the range that was asked for.</summary>
    public static bool IsBeyondEnd(AmazonS3Exception error) =>
        error.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable;

    /// <summary>
    /// Whether the same call may succeed a little later; the caller's own cancellation is not asked here.
    /// </summary>
    public static bool MayPass(Exception exception) => exception switch
    {
        AmazonS3Exception error => (int)error.StatusCode >= 500 || Passing.Contains(error.ErrorCode),
        // The SDK reports a server that died as a cancelled task now and then.
        HttpRequestException or IOException or OperationCanceledException or AmazonClientException => true,
        _ => false,
    };

    /// <summary>One sentence for whoever has to mend it; null for answers that the caller understands itself.</summary>
    public static Exception? Explain(Exception exception, StoreOptions store) => exception switch
    {
        AmazonS3Exception error when Refusals.Contains(error.ErrorCode) => new ArgumentException(
            $"the object store {store.Endpoint} refuses the access key '{store.AccessKey}' for the bucket " +
            $"'{store.Bucket}' ({error.ErrorCode}); mend MLOPS_STORE_ACCESS_KEY and MLOPS_STORE_SECRET_KEY", error),
        AmazonS3Exception { ErrorCode: "NoSuchBucket" } => new ArgumentException(
            $"the object store {store.Endpoint} has no bucket '{store.Bucket}'; make it or mend MLOPS_STORE",
            exception),
        AmazonS3Exception { ErrorCode: "RequestTimeTooSkewed" } => new IOException(
            $"the clock of the object store {store.Endpoint} differs too much from ours; set both by a time server",
            exception),
        AmazonS3Exception error when MayPass(error) => new IOException(
            $"the object store {store.Endpoint} cannot serve us now ({error.ErrorCode}); look at its log", error),
        AmazonS3Exception => null,
        _ when MayPass(exception) => new IOException(
            $"the object store {store.Endpoint} cannot be reached; start it or mend MLOPS_STORE", exception),
        _ => null,
    };
}
