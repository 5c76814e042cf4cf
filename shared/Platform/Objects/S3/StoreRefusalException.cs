using System.Net;

namespace Mlops.Platform.Objects.S3;

/// <summary>An answer of the server that is not what was asked for.</summary>
/// <param name="code">What S3 calls it, as <c>NoSuchKey</c>; the name of the status where the server gave none.</param>
/// <param name="attempt">Which try this was, from 0: an earlier one may have been served and its answer lost.</param>
internal sealed class StoreRefusalException(HttpStatusCode status, string code, int attempt)
    : Exception($"the object store answered {(int)status} ({code})")
{
    /// <summary>The HTTP status.</summary>
    public HttpStatusCode Status => status;

    /// <summary>The S3 error code.</summary>
    public string Code => code;

    /// <summary>Which try was refused, from 0.</summary>
    public int Attempt => attempt;
}
