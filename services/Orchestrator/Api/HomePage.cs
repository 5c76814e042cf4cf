using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Mlops.Orchestrator.Api;

/// <summary>The page at <c>/</c>: the latest runs with their results, for people with a browser.</summary>
internal static class HomePage
{
    private const string Resource = "index.html";

    // Nothing but the page itself runs on it, and nothing is fetched from elsewhere.
    private const string Policy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'";

    /// <summary>Adds it.</summary>
    public static void MapHomePage(this IEndpointRouteBuilder app)
    {
        using var stream = typeof(HomePage).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        var page = reader.ReadToEnd();
        app.MapGet("/", (HttpResponse response) =>
        {
            response.Headers.ContentSecurityPolicy = Policy;
            return TypedResults.Content(page, "text/html; charset=utf-8");
        }).ExcludeFromDescription();
    }
}
