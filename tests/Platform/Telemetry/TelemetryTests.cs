using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Mlops.Contracts.Events;
using Mlops.Platform.Configuration;
using Mlops.Platform.Telemetry;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Platform.Telemetry;

public sealed class TelemetryTests : IDisposable
{
    private const string Canary = "canary-5f1d7c";
    private readonly TemporaryFolder _folder = new();
    private readonly FakeWork _work = new();

    [Fact]
    public async Task Lines_of_a_job_name_run_job_attempt_and_trace()
    {
        await using var receiver = await SeqReceiver.StartAsync();

        var run = await RunAsync(receiver);

        var line = receiver.Lines.First(
            each => Of(run, "scores", 2)(each.Attributes) && each.Template.StartsWith("Finished"));
        Assert.Equal(AttemptTrace.Of(run, "scores", 2).TraceId.ToHexString(), line.TraceId);
        Assert.Equal("ScoreImportance", line.Attributes[TelemetryNames.MessageType]);
        Assert.Equal(run.ToString(), line.Attributes[TelemetryNames.CorrelationId]);
        Assert.Contains(TelemetryNames.ConversationId, line.Attributes);
        Assert.Equal("mlops", line.Resource["service.name"]);
        Assert.Equal("embedded", line.Resource["service.instance.id"]);
        Assert.Contains("service.version", line.Resource);
    }

    [Fact]
    public async Task All_spans_of_an_attempt_are_in_one_trace_that_begins_where_its_command_was_sent()
    {
        await using var receiver = await SeqReceiver.StartAsync();

        var run = await RunAsync(receiver);

        var spans = receiver.Spans.Where(span => Of(run, "scores", 2)(span.Attributes)).ToList();
        Assert.Equal(AttemptTrace.Of(run, "scores", 2).TraceId.ToHexString(), Assert.Single(Traces(spans)));
        string[] expected =
        [
            TelemetryNames.Dispatch, TelemetryNames.QueueWait, TelemetryNames.Claim, TelemetryNames.Execute,
            TelemetryNames.Compute, TelemetryNames.Fetch, TelemetryNames.Store, TelemetryNames.Announce,
            TelemetryNames.Accept,
        ];
        Assert.Equal(expected.Order(), spans.Select(span => span.Name).Distinct().Order());
        var whole = receiver.Spans.Where(span => span.TraceId == spans[0].TraceId).ToList();
        Assert.Equal(TelemetryNames.Dispatch, Assert.Single(whole, span => span.ParentId == "").Name);
        Assert.All(whole.Where(span => span.ParentId != ""),
            span => Assert.Contains(span.ParentId, whole.Select(other => other.SpanId)));
        Assert.Contains(whole, span => span.Source == "MassTransit");
    }

    [Fact]
    public async Task A_second_attempt_is_a_trace_of_its_own_with_links_to_the_first_and_to_the_run()
    {
        await using var receiver = await SeqReceiver.StartAsync();

        var run = await RunAsync(receiver);

        var second = receiver.Spans.Single(
            span => span.Name == TelemetryNames.Dispatch && Of(run, "scores", 2)(span.Attributes));
        var first = receiver.Spans.Single(
            span => span.Name == TelemetryNames.Dispatch && Of(run, "scores", 1)(span.Attributes));
        var started = receiver.Spans.Single(
            span => span.Name == nameof(RunStarted) && span.Attributes[TelemetryNames.RunId] == $"{run}");
        Assert.NotEqual(first.TraceId, second.TraceId);
        Assert.Equal([started.TraceId, first.TraceId], second.Links);
        Assert.Equal([started.TraceId], first.Links);
    }

    [Fact]
    public async Task Signs_of_life_make_no_spans()
    {
        await using var receiver = await SeqReceiver.StartAsync();

        var run = await RunAsync(receiver);

        var spans = receiver.Spans.Where(span => span.Attributes.ContainsValue($"{run}")).ToList();
        Assert.NotEmpty(spans);
        Assert.DoesNotContain(
            spans, span => span.Attributes.Values.Any(value => value.Contains(nameof(JobProgressed))));
    }

    [Fact]
    public async Task Calls_make_spans_unless_they_are_polled_or_bring_telemetry()
    {
        await using var receiver = await SeqReceiver.StartAsync();
        var connections = new Connections { Telemetry = receiver.Options() };
        int port;

        await using (var host = await ApiHost.StartAsync(_folder.Path, _work, connections))
        {
            port = host.Http.BaseAddress!.Port;
            foreach (var path in new[] { "/health/ready", "/demand", "/metrics", "/recipes" })
                Assert.NotEmpty(await host.Http.GetStringAsync(path));
            Assert.Equal(HttpStatusCode.NotFound, (await host.Http.GetAsync("/runs/0")).StatusCode);
        }

        // The sources are those of the whole test process.
        var served = receiver.Spans.Where(span => span.Source == "Microsoft.AspNetCore")
            .Where(span => span.Attributes["server.port"] == $"{port}");
        Assert.Equal(["/recipes", "/runs/0"], served.Select(span => span.Attributes["url.path"]));
        var called = receiver.Spans.Where(span => span.Source == "System.Net.Http")
            .ToLookup(span => new Uri(span.Attributes["url.full"]).Port);
        Assert.Equal(5, called[port].Count());
        Assert.DoesNotContain(called[port], span => span.IsError);
        Assert.Empty(called[connections.Telemetry.Endpoint.Port]);
    }

    [Fact]
    public async Task Metrics_tell_of_executions_and_of_how_runs_stand()
    {
        await using var receiver = await SeqReceiver.StartAsync();

        await RunAsync(receiver);

        string[] expected =
        [
            TelemetryNames.Jobs, TelemetryNames.JobDuration, TelemetryNames.QueueTime, TelemetryNames.QueueAge,
            TelemetryNames.LiveLeases, TelemetryNames.HeartbeatAge, TelemetryNames.Runs, TelemetryNames.OutboxLength,
            TelemetryNames.CpuTime, TelemetryNames.GpuTime, TelemetryNames.BytesReadMetric,
            TelemetryNames.BytesWrittenMetric, "dotnet.gc.collections",
        ];
        Assert.Empty(expected.Except(receiver.Metrics.Select(metric => metric.Name)));
        var outcomes = receiver.Metrics.Where(metric => metric.Name == TelemetryNames.Jobs)
            .Select(metric => metric.Attributes[TelemetryNames.Outcome]);
        Assert.Superset(new HashSet<string> { "completed", "transient" }, outcomes.ToHashSet());
    }

    [Fact]
    public async Task The_key_is_in_the_header_and_nowhere_else()
    {
        await using var receiver = await SeqReceiver.StartAsync();

        await RunAsync(receiver, key: Canary);

        Assert.Superset(
            new HashSet<string> { "lines", "traces", "metrics" },
            receiver.Requests.Select(request => request.Signal).ToHashSet());
        Assert.All(receiver.Requests, request => Assert.Equal(Canary, request.Key));
        Assert.All(receiver.Requests, request => Assert.DoesNotContain(Canary, request.Text));
    }

    [Fact]
    public async Task An_unavailable_receiver_is_named_once_and_holds_up_no_run()
    {
        await RunAsync(new TelemetryOptions(new Uri("http://127.0.0.1:9"), Canary));

        var log = string.Concat(Directory.GetFiles(_folder.File("logs")).Select(File.ReadAllText));
        Assert.Single(Regex.Matches(log, "Telemetry does not reach"));
        Assert.DoesNotContain(Canary, log);
    }

    [Fact]
    public async Task A_receiver_that_never_answers_holds_up_the_end_of_a_process_for_seconds_only()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var host = await TestHost.StartAsync(
            _folder.Path, FakeServices.Module(_work),
            connections: new Connections { Telemetry = new(new Uri($"http://{silent.LocalEndpoint}"), null) });
        await host.SubmitAsync("random");
        await host.Received.FirstAsync<RunCompleted>();
        var stopping = Stopwatch.StartNew();

        await host.DisposeAsync();

        Assert.InRange(stopping.Elapsed, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    public void Dispose() => _folder.Dispose();

    private Task<Guid> RunAsync(SeqReceiver receiver, string? key = null) => RunAsync(receiver.Options(key));

    // A run whose job "scores" needs a second attempt; everything is sent when the host has stopped.
    private async Task<Guid> RunAsync(TelemetryOptions telemetry)
    {
        _work.Instead["scores"] = (job, folder, cancellationToken) => job.Order.Attempt == 1
            ? throw new IOException("the connection was lost")
            : FakeWork.WriteInputsAsync(job, folder, cancellationToken);
        await using var host = await TestHost.StartAsync(
            _folder.Path, FakeServices.Module(_work), connections: new Connections { Telemetry = telemetry });
        var run = await host.SubmitAsync("random");
        await host.Received.FirstAsync<RunCompleted>();
        return run;
    }

    private static Func<Dictionary<string, string>, bool> Of(Guid run, string job, int attempt) => attributes =>
        attributes.GetValueOrDefault(TelemetryNames.RunId) == $"{run}"
        && attributes.GetValueOrDefault(TelemetryNames.JobId) == job
        && attributes.GetValueOrDefault(TelemetryNames.Attempt) == $"{attempt}";

    private static IEnumerable<string> Traces(IEnumerable<OtlpSpan> spans) =>
        spans.Select(span => span.TraceId).Distinct();
}
