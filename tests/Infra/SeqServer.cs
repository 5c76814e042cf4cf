using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Mlops.Tests.Infra;

/// <summary>
/// The part of Seq's HTTP API that the import uses, written from its public client library. A real server was not to be
/// had, so this shows what the script does, not what Seq makes of it.
/// </summary>
internal sealed class SeqServer : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly string _key;
    private readonly WebApplication _app;
    private int _lastId;

    private SeqServer(WebApplication app, string key) => (_app, _key) = (app, key);

    public string Address => _app.Urls.Single();

    public List<JsonObject> Entities { get; } = [];

    public static async Task<SeqServer> StartAsync(string key)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new SeqServer(app, key);
        app.Run(async context => await (await server.AnswerAsync(context.Request)).ExecuteAsync(context));
        await app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> AnswerAsync(HttpRequest request)
    {
        if (request.Headers["X-Seq-ApiKey"] != _key)
            return Results.Unauthorized();
        var body = request.ContentLength > 0 ? (JsonObject)(await JsonNode.ParseAsync(request.Body))! : null;
        lock (_lock)
            return (request.Method, request.Path.Value!.Split('/')) switch
            {
                ("GET", ["", "api", var kind]) => List(kind),
                ("POST", ["", "api", var kind]) when body is not null => Create(kind, body),
                ("PUT", ["", "api", var kind, var id]) when body is not null => Update(kind, id, body),
                _ => Results.NotFound(),
            };
    }

    private IResult List(string kind) => Results.Text(
        new JsonArray([.. Of(kind).Select(entity => entity.DeepClone())]).ToJsonString(), "application/json");

    // As a server would: an id, links, and whatever else only it knows.
    private IResult Create(string kind, JsonObject entity)
    {
        entity["Id"] = $"{kind[..^1]}-{++_lastId}";
        entity["Links"] = new JsonObject { ["Self"] = $"api/{kind}/{entity["Id"]}" };
        Entities.Add(entity);
        return Results.StatusCode(StatusCodes.Status201Created);
    }

    private IResult Update(string kind, string id, JsonObject entity)
    {
        if (Of(kind).SingleOrDefault(known => (string?)known["Id"] == id) is not { } old
            || (string?)entity["Id"] != id || entity["Links"] is null)
            return Results.BadRequest();
        Entities[Entities.IndexOf(old)] = entity;
        return Results.Ok();
    }

    private IEnumerable<JsonObject> Of(string kind) =>
        Entities.Where(entity => ((string)entity["Id"]!).StartsWith($"{kind[..^1]}-", StringComparison.Ordinal));
}
