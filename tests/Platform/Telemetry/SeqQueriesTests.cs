using System.Text.Json;
using System.Text.RegularExpressions;
using MassTransit;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Platform.Bus;
using Mlops.Platform.Configuration;
using Mlops.Platform.Telemetry;
using Mlops.Tests.Orchestrator.Schedules;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Platform.Telemetry;

/// <summary>A query over a name that nobody emits shows nothing and raises no alarm, and nobody notices.</summary>
public sealed partial class SeqQueriesTests
{
    // Of the server itself.
    private static readonly string[] BuiltIn = ["@Level", "@Start", "@Elapsed"];
    private static readonly string[] Words = ["and", "or", "not", "in", "ci", "is", "null", "like"];
    private static readonly string[] Queries = ["Where", "Having", "Filter", "Value", "GroupBy"];

    [Fact]
    public async Task Signals_dashboards_and_alerts_name_only_what_is_emitted()
    {
        await using var receiver = await SeqReceiver.StartAsync();
        var connections = new Connections { Telemetry = receiver.Options() };

        await CompleteAsync(connections);
        await LoseAsync(connections);
        await ScheduledRunAsync(connections);

        var emitted = receiver.Lines.Select(log => (log.Attributes, log.Resource))
            .Concat(receiver.Spans.Select(span => (span.Attributes, span.Resource))).ToList();
        var names = emitted.SelectMany(one => one.Attributes.Keys)
            .Concat(emitted.SelectMany(one => one.Resource.Keys.Select(name => $"@Resource.{name}"))).ToHashSet();
        var spans = receiver.Spans.Select(span => span.Name).ToHashSet();
        var files = Directory.GetFiles(Repository.Path("infra", "seq"), "*.template");
        Assert.NotEmpty(files);
        Assert.All(files, file =>
        {
            var (queries, labels) = Read(file);
            var asked = queries.SelectMany(Names).Except(labels).Except(BuiltIn);
            Assert.Empty(asked.Except(names));
            Assert.Empty(queries.SelectMany(SpanNames).Except(spans));
        });
    }

    // A second attempt, and lines on how runs stand.
    private static async Task CompleteAsync(Connections connections)
    {
        using var folder = new TemporaryFolder();
        var work = new FakeWork();
        work.Instead["scores"] = (job, output, cancellationToken) => job.Order.Attempt == 1
            ? throw new IOException("the connection was lost")
            : FakeWork.WriteInputsAsync(job, output, cancellationToken);
        await using var host = await TestHost.StartAsync(
            folder.Path, FakeServices.Module(work), connections: connections,
            change: options => options with { StatusLogPeriod = TimeSpan.FromMilliseconds(5) });
        await host.SubmitAsync("random");
        await host.Received.FirstAsync<RunCompleted>();
    }

    // A worker that claims a job and sends no heartbeat, which ends the run.
    private static async Task LoseAsync(Connections connections)
    {
        using var folder = new TemporaryFolder();
        var silent = new ServiceModule(
            "silent", _ => { }, bus => bus.AddWorkConsumer<SilentEvaluator, Evaluate>(concurrency: 1));
        await using var host = await TestHost.StartAsync(
            folder.Path, silent, connections: connections,
            change: options => options with
            {
                MaxLeaseLosses = 0, Lease = TimeSpan.FromMilliseconds(500),
                WatchdogPeriod = TimeSpan.FromMilliseconds(50),
            });
        await host.SubmitAsync("""
            name: one
            description: "One job."
            jobs:
              - { id: evaluation, job: evaluate, uses: { data: data } }
            """);
        await host.Received.FirstAsync<RunFailed>();
    }

    private static async Task ScheduledRunAsync(Connections connections)
    {
        using var folder = new TemporaryFolder();
        await using var host = await ScheduleHost.StartAsync(folder, new FakeWork(), new ManualTime(), connections);
        await host.AddAsync("nightly");
        await host.TriggerAsync("nightly");
        await host.Received.FirstAsync<RunCompleted>();
    }

    private static (List<string> Queries, List<string> Labels) Read(string file)
    {
        var (queries, labels) = (new List<string>(), new List<string>());
        using var document = JsonDocument.Parse(File.ReadAllText(file));
        Walk(document.RootElement, name: "");
        return (queries, labels);

        void Walk(JsonElement element, string name)
        {
            if (element.ValueKind == JsonValueKind.Object)
                foreach (var property in element.EnumerateObject())
                    Walk(property.Value, property.Name);
            else if (element.ValueKind == JsonValueKind.Array)
                foreach (var item in element.EnumerateArray())
                    Walk(item, name);
            else if (element.ValueKind == JsonValueKind.String && Queries.Contains(name))
                queries.Add(element.GetString()!);
            else if (element.ValueKind == JsonValueKind.String && name == "Label")
                labels.Add(element.GetString()!);
        }
    }

    // What is neither a literal, nor a word of the language, nor a function.
    private static IEnumerable<string> Names(string query) =>
        Name().Matches(Literal().Replace(query, "")).Select(match => match.Value).Except(Words);

    private static IEnumerable<string> SpanNames(string query) =>
        SpanLiteral().Matches(query).Select(match => match.Groups[1].Value);

    [GeneratedRegex("'[^']*'")]
    private static partial Regex Literal();

    [GeneratedRegex(@"(?<![\w.@])@?[A-Za-z](?>[\w.]*)(?!\()")]
    private static partial Regex Name();

    [GeneratedRegex($@"\b{TelemetryNames.Span} = '([^']*)'")]
    private static partial Regex SpanLiteral();

    private sealed class SilentEvaluator(IBus bus) : IConsumer<Evaluate>
    {
        public Task Consume(ConsumeContext<Evaluate> context)
        {
            var (run, job) = context.Message;
            return bus.CreateRequestClient<ClaimLease>().GetResponse<LeaseAnswered>(
                new ClaimLease(run, job.JobId, job.Attempt, Guid.NewGuid(), "silent"), context.CancellationToken);
        }
    }
}
