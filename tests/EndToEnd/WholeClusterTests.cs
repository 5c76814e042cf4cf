using System.Text;
using System.Text.Json;
using Mlops.Bench.Local;
using Mlops.Contracts.Events;
using Mlops.Platform.Telemetry;
using Mlops.Tests.Cli;
using Mlops.Tests.EndToEnd.Support;
using Mlops.Tests.Platform.Telemetry;
using Mlops.Tests.Support;

namespace Mlops.Tests.EndToEnd;

/// <summary>The command line here, orchestrator and five services as processes, broker and store between.</summary>
[Trait("Category", "EndToEnd")]
public sealed class WholeClusterTests
{
    // ALTER has no use for scores and schedules.
    private static readonly string[] UsedWorkers = ["co-finetuning", "sparse-export", "evaluation"];

    [Fact]
    public async Task A_run_through_all_services_leaves_its_results_its_traces_and_no_secret_anywhere()
    {
        await using var installation = await Installation.CreateAsync();
        await using var receiver = await SeqReceiver.StartAsync();
        var environment = new Dictionary<string, string>(installation.Environment)
        {
            ["MLOPS_SEQ"] = receiver.Options().Endpoint.ToString(),
        };
        var results = Path.Combine(installation.Folder, "results");
        using (var cluster = new Cluster(installation.Folder, environment))
        {
            cluster.AddAllServices();
            string[] server = ["--server", await AddressAsync(cluster.Orchestrator)];
            using var run = MlopsProcess.Start(
                installation.Folder, installation.Environment, [.. ServerTests.Alter, "--out", results, .. server]);
            var (exitCode, output, errors) = run.Finish();
            Assert.Equal((0, ""), (exitCode, errors));
            Assert.Contains("run completed", output, StringComparison.Ordinal);
            using var refused = MlopsProcess.Start(
                installation.Folder, installation.Environment, ["run", "no-such-recipe", .. server]);
            Assert.Equal(2, refused.Finish().ExitCode);
            // The client may learn of the end before the test's own queue does.
            await Eventually.TrueAsync(
                () => Task.FromResult(installation.Received.All<RunCompleted>().Any()), "the end of the run arrives");
            var completed = Assert.Single(installation.Received.All<RunCompleted>());
            await AssertTracedAsync(receiver, completed.RunId);
        }

        Assert.True(File.Exists(Path.Combine(results, "model", "model_index.json")));
        Assert.True(File.Exists(Path.Combine(results, "report.html")));
        AssertNoSecrets(installation, receiver);
    }

    /// <summary>Telemetry leaves the processes in batches, so it is waited for.</summary>
    private static async Task AssertTracedAsync(SeqReceiver receiver, Guid run)
    {
        var trace = AttemptTrace.Of(run, "evaluation", attempt: 1).TraceId.ToHexString();
        foreach (var (service, span) in new[]
            {
                ("orchestrator", TelemetryNames.Dispatch), ("evaluation", TelemetryNames.Compute),
                ("orchestrator", TelemetryNames.Accept),
            })
            await Eventually.TrueAsync(
                () => Task.FromResult(receiver.Spans.Any(
                    each => each.TraceId == trace && each.Name == span && each.Resource["service.name"] == service)),
                $"the span '{span}' of {service} joins the trace of the attempt");
        foreach (var service in UsedWorkers)
            await Eventually.TrueAsync(
                () => Task.FromResult(receiver.Lines.Any(
                    line => line.Resource["service.name"] == service
                        && line.Attributes.GetValueOrDefault(TelemetryNames.RunId) == run.ToString())),
                $"a line of {service} names the run");
    }

    private static void AssertNoSecrets(Installation installation, SeqReceiver receiver)
    {
        var files = Directory.GetFiles(installation.Folder, "*", SearchOption.AllDirectories);
        var messages = installation.Received.All<object>()
            .Select(message => JsonSerializer.SerializeToUtf8Bytes(message, message.GetType())).ToArray();
        var user = installation.Connections.Broker!.User;

        // The search finds what is there: the recipe in the messages, and logs, history and reports among the files.
        Assert.Contains(messages, message => Holds(message, "\"alter\""));
        foreach (var kind in new[] { "orchestrator.log", "history.db", "report.html" })
            Assert.Contains(files, file => Path.GetFileName(file) == kind && new FileInfo(file).Length > 0);
        foreach (var secret in new[]
            { installation.Connections.Broker.Password, installation.Connections.Store!.SecretKey })
        {
            Assert.NotEqual(user, secret);
            Assert.All(files, file => Assert.False(Holds(File.ReadAllBytes(file), secret), $"{file} holds a secret"));
            Assert.All(messages, message => Assert.False(Holds(message, secret), "a message holds a secret"));
            Assert.All(receiver.Requests, post => Assert.False(Holds(post.Body, secret), "telemetry holds a secret"));
        }
    }

    private static async Task<string> AddressAsync(ServiceProcess orchestrator)
    {
        const string sign = "Listening on ";
        string? line = null;
        await Eventually.TrueAsync(
            () => Task.FromResult(
                File.Exists(orchestrator.LogFile)
                && (line = Array.Find(File.ReadAllLines(orchestrator.LogFile), each => each.Contains(sign))) != null),
            "the orchestrator listens");
        return line!.Split(sign)[1].Trim();
    }

    private static bool Holds(byte[] content, string text) =>
        content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
}
