using System.Net;
using System.Xml;

namespace Mlops.Platform.Objects.S3;

/// <summary>
/// Turns refusals into <see cref="StoreRefusalException"/> before the Minio client (7.0.0) sees them: it throws a null
/// for most answers without a body, keeps the code of few, and takes an error in an answer of status 200 for a success.
/// </summary>
internal sealed class RefusalHandler : DelegatingHandler
{
    private const int LongestRefusal = 64 << 10;

    /// <summary>Which try of the same request this is, from 0.</summary>
    public static readonly HttpRequestOptionsKey<int> Attempt = new("attempt");

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        // Only the begin and the completion of an upload are POSTs. A completion takes the server long, so it may say
        // 200 first and find out afterwards that it failed.
        if (answer.IsSuccessStatusCode && request.Method != HttpMethod.Post)
            return answer;
        try
        {
            await answer.Content.LoadIntoBufferAsync(LongestRefusal, cancellationToken);
            // From the buffer, and not as a stream: the client reads the answer to a POST once more.
            var code = CodeIn(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            if (answer.IsSuccessStatusCode && code is null)
                return answer;
            var status = answer.IsSuccessStatusCode ? HttpStatusCode.InternalServerError : answer.StatusCode;
            request.Options.TryGetValue(Attempt, out var attempt);
            throw new StoreRefusalException(status, code ?? CodeOf(status, request.RequestUri!), attempt);
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    /// <summary>The code in an error document, or null: it is another one, or none, as a proxy's page.</summary>
    private static string? CodeIn(byte[] body)
    {
        using var document = XmlReader.Create(new MemoryStream(body));
        try
        {
            return document.MoveToContent() == XmlNodeType.Element && document.LocalName == "Error"
                && document.ReadToDescendant("Code") ? document.ReadElementContentAsString() : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    // Answers to HEAD have no body.
    private static string CodeOf(HttpStatusCode status, Uri address) => status == HttpStatusCode.NotFound
        ? address.AbsolutePath.Trim('/').Contains('/') ? "NoSuchKey" : "NoSuchBucket"
        : $"{status}";
}
