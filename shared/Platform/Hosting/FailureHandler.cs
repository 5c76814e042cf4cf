using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Mlops.Contracts;
using Mlops.Platform.Errors;

namespace Mlops.Platform.Hosting;

/// <summary>The edge between HTTP and all else: a caller gets the sentence of an exception, not its stack.</summary>
internal sealed class FailureHandler : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(
        HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var (status, sentence) = exception switch
        {
            BadHttpRequestException { InnerException: JsonException inner } bad =>
                (bad.StatusCode, $"the request is not the JSON that is wanted: {inner.Message}"),
            BadHttpRequestException bad => (bad.StatusCode, bad.Message),
            _ when Failures.KindOf(exception, stopRequested: false) == FailureKind.Permanent =>
                (StatusCodes.Status400BadRequest, Failures.ReasonOf(exception)),
            _ => (StatusCodes.Status503ServiceUnavailable, Failures.ReasonOf(exception)),
        };
        await Results.Problem(sentence, statusCode: status).ExecuteAsync(httpContext);
        return true;
    }
}
