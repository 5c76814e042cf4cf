using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Mlops.Contracts;
using Mlops.Platform.Errors;
using Mlops.Platform.Hosting;

namespace Mlops.Orchestrator.Api;

/// <summary>Who may ask, and what becomes of an exception: the edge between HTTP and everything inside.</summary>
internal static class ApiBoundary
{
    /// <summary>Endpoints that are added to the result are inside of the boundary.</summary>
    /// <param name="key">What callers must know; null if it is enough to reach us.</param>
    public static RouteGroupBuilder MapInside(this IEndpointRouteBuilder app, ApiKey? key)
    {
        var inside = app.MapGroup("");
        inside.AddEndpointFilter(async (context, next) => Refusal(context.HttpContext.Request, key)
            ?? await AnswerAsync(context, next));
        return inside;
    }

    private static IResult? Refusal(HttpRequest request, ApiKey? key)
    {
        // Pages of other sites can make a browser call us, but not without saying where they come from.
        if (key is null && request.Headers.Origin.Count > 0)
            return Results.Problem("calls from web pages are not answered", statusCode: StatusCodes.Status403Forbidden);
        return key is null || key.IsIn(request.Headers.Authorization) ? null : Results.Problem(
            "the key is missing or wrong; send the header Authorization: Bearer, with the value of MLOPS_API_KEY",
            statusCode: StatusCodes.Status401Unauthorized);
    }

    private static async ValueTask<object?> AnswerAsync(
        EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception exception) when (exception is not (BadHttpRequestException or OperationCanceledException))
        {
            // The boundary of the process: whoever asked gets the sentence, not the stack.
            var theirs = Failures.KindOf(exception, stopRequested: false) == FailureKind.Permanent;
            return Results.Problem(
                Failures.ReasonOf(exception),
                statusCode: theirs ? StatusCodes.Status400BadRequest : StatusCodes.Status503ServiceUnavailable);
        }
    }
}
