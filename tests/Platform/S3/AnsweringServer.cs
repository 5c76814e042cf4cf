using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Mlops.Platform.Objects.S3;

namespace Mlops.Tests.Platform.S3;

/// <summary>A server that answers as a test says, for what a real one does once in a million requests.</summary>
internal sealed class AnsweringServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<string> _requests = new();

    private AnsweringServer(WebApplication app) => _app = app;

    /// <summary>Method and path of what was asked, the eldest first.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>A bucket of it.</summary>
    public StoreOptions Options => new(new Uri(_app.Urls.Single()), "bucket", "access", "secret-of-nobody");

    /// <summary>Starts it on a free port of loopback.</summary>
    /// <param name="answer">Answers a request, given how many of its method came before it.</param>
    public static async Task<AnsweringServer> StartAsync(Func<HttpContext, int, Task> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var server = new AnsweringServer(builder.Build());
        var seen = new ConcurrentDictionary<string, int>();
        server._app.Run(async context =>
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
            await context.Request.Body.CopyToAsync(Stream.Null);
            var method = context.Request.Method;
            server._requests.Enqueue($"{method} {context.Request.Path}");
            await answer(context, seen.AddOrUpdate(method, 0, (_, count) => count + 1));
        });
        await server._app.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
