using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Platform.Telemetry;

namespace Mlops.Tests.Platform.Telemetry;

/// <summary>Takes what a Seq server takes, on a free port of loopback, and reads it.</summary>
public sealed class SeqReceiver : IAsyncDisposable
{
    private const string LinesSignal = "lines";
    private readonly ConcurrentQueue<Request> _requests = new();
    private readonly WebApplication _app;
    private int _refusedLines;

    private SeqReceiver(WebApplication app) => _app = app;

    /// <summary>What it does with posts.</summary>
    public ReceiverMood Mood { get; set; }

    /// <summary>Everything that was received.</summary>
    public IReadOnlyCollection<Request> Requests => _requests;

    /// <summary>How many posts of lines it did not take.</summary>
    public int RefusedLines => _refusedLines;

    public IEnumerable<OtlpSpan> Spans =>
        from resource in Received("traces").SelectMany(message => message.All(1))
        from scope in resource.All(2)
        from span in scope.All(2)
        select new OtlpSpan(
            scope.Path(1).First().Text(1), span.Text(5), span.Hex(1), span.Hex(2), span.Hex(4),
            Attributes(span.All(9)), Attributes(resource.Path(1, 1)),
            [.. span.All(13).Select(link => link.Hex(1))], span.All(15).Any(status => status.Number(3) == 2));

    public IEnumerable<SeqLine> Lines =>
        from request in _requests
        where request.Signal == LinesSignal
        from line in request.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        select SeqLine.Parse(line);

    public IEnumerable<OtlpMetric> Metrics =>
        from metric in Received("metrics").SelectMany(message => message.Path(1, 2, 2))
        // A gauge, a sum or a histogram; each has its points in field 1.
        from point in metric.Path(5, 1).Concat(metric.Path(7, 1)).Concat(metric.Path(9, 1))
        select new OtlpMetric(metric.Text(1), Attributes(point.All(metric.Has(9) ? 9 : 7)));

    public TelemetryOptions Options(string? key = null) => new(new Uri(_app.Urls.Single()), key);

    public static async Task<SeqReceiver> StartAsync(string address = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(address);
        builder.Services.AddRouting();
        var receiver = new SeqReceiver(builder.Build());
        receiver._app.UseRouting();
        receiver._app.MapPost(
            "/ingest/otlp/v1/{signal}",
            context => receiver.TakeAsync(context, (string)context.Request.RouteValues["signal"]!));
        receiver._app.MapPost("/api/events/raw", context => receiver.TakeAsync(context, LinesSignal));
        await receiver._app.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context, string signal)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        if (Mood == ReceiverMood.Takes)
        {
            _requests.Enqueue(new(
                signal, context.Request.ContentType, context.Request.Headers["X-Seq-ApiKey"], body.ToArray()));
            return;
        }
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        if (signal == LinesSignal)
            Interlocked.Increment(ref _refusedLines);
        if (Mood == ReceiverMood.Hangs)
            await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
    }

    private IEnumerable<Protobuf> Received(string signal) =>
        _requests.Where(request => request.Signal == signal).Select(request => new Protobuf(request.Body));

    private static Dictionary<string, string> Attributes(IEnumerable<Protobuf> pairs)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
            attributes[pair.Text(1)] = pair.All(2).Select(ValueOf).FirstOrDefault("");
        return attributes;
    }

    private static string ValueOf(Protobuf value) =>
        value.Has(1) ? value.Text(1)
        : value.Has(4) ? $"{BitConverter.UInt64BitsToDouble(value.Number(4))}"
        : $"{value.Number(3) + value.Number(2)}";

    /// <summary>One post.</summary>
    public sealed record Request(string Signal, string? ContentType, string? Key, byte[] Body)
    {
        /// <summary>What texts it holds are found in this.</summary>
        public string Text => Encoding.UTF8.GetString(Body);
    }
}

/// <summary>A span; ids in hexadecimal, links by their trace.</summary>
public sealed record OtlpSpan(
    string Source, string Name, string TraceId, string SpanId, string ParentId, Dictionary<string, string> Attributes,
    Dictionary<string, string> Resource, IReadOnlyList<string> Links, bool IsError);

/// <summary>How a receiver may be.</summary>
public enum ReceiverMood
{
    Takes,
    Fails,
    Hangs,
}

/// <summary>A point of a metric.</summary>
public sealed record OtlpMetric(string Name, Dictionary<string, string> Attributes);
