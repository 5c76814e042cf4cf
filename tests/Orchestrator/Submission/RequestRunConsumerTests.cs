using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Store;
using Mlops.Orchestrator.Submission;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator.Submission;

/// <summary>The public trigger on the bus: each message is a run, or is answered with a reason, once.</summary>
public sealed class RequestRunConsumerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Refusals => new()
    {
        { """{"recipe":"no-such"}""", "unknown recipe 'no-such'" },
        { """{"recipe":"random","format":2}""", "format 2 is not known here; write format 1" },
        { """{"recipe":"random","recipee":"alter"}""", "unknown property 'recipee'" },
        { """{"recipe":"random","settings":{"speed":1}}""", "unknown setting 'speed'" },
        { """{"recipe":"random","inputs":{"data":"data/nowhere"}}""", "by the name of 'data/nowhere'" },
        { """{"recipe":"random","inputs":{"data":"../etc"}}""", "'../etc' is not a name of the store" },
        { """{"recipe":"random","inputs":{"data":"sha256:12:3"}}""", "'sha256:12:3' is not of the form" },
        { """{"recipe":"random","runId":"seven"}""", "runId 'seven' is not a UUID" },
        { "{}", "the request names no recipe" },
        { "[1]", "the request is a list" },
        { "recipe: random", "the request is not JSON" },
        { "", "the request names no recipe" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_request_that_is_no_run_is_answered_with_the_reason(string body, string reason)
    {
        await using var host = await StartAsync();
        var message = Guid.NewGuid();

        await host.PublishAsync(body, message);

        var refused = await host.Received.FirstAsync<RunRefused>();
        Assert.Equal(message, refused.RunId);
        Assert.Contains(reason, refused.Reason, StringComparison.Ordinal);
        Assert.Empty(await Runs(host));
    }

    [Fact]
    public async Task Plain_json_starts_a_run_under_the_id_of_the_message()
    {
        await using var host = await StartAsync();
        var message = Guid.NewGuid();

        await host.PublishAsync("""{"recipe":"random","settings":{"seed":7,"macs":"0.5"}}""", message);

        Assert.Equal(message, (await host.Received.FirstAsync<RunCompleted>()).RunId);
        var run = Assert.Single(await Runs(host));
        Assert.Equal((7, 0.5), (run.Seed, run.Macs));
    }

    [Fact]
    public async Task A_message_in_our_own_envelope_starts_a_run_too()
    {
        await using var host = await StartAsync();

        await host.Services.GetRequiredService<IBus>()
            .Publish(new RequestRun(IdempotencyKey: "tonight", Recipe: "random"));

        Assert.Equal(RunIds.From("tonight"), (await host.Received.FirstAsync<RunCompleted>()).RunId);
    }

    [Fact]
    public async Task A_repeat_starts_nothing_and_other_content_under_the_same_key_is_refused()
    {
        await using var host = await StartAsync();
        var request = """{"idempotencyKey":"k","recipe":"random","settings":{"seed":1}}""";
        await host.PublishAsync(request);
        await host.Received.FirstAsync<RunCompleted>();

        await host.PublishAsync(request);
        await host.PublishAsync("""{"settings":{"seed":"1"},"recipe":"random","idempotencyKey":"k"}""");
        await host.PublishAsync("""{"idempotencyKey":"k","recipe":"random","settings":{"seed":2}}""");

        var refused = await host.Received.FirstAsync<RunRefused>();
        Assert.Equal(RunIds.From("k"), refused.RunId);
        Assert.Contains("was asked for with other content", refused.Reason, StringComparison.Ordinal);
        Assert.Single(host.Received.All<RunRefused>());
        Assert.Single(host.Received.All<RunStarted>());
    }

    [Fact]
    public async Task A_refused_key_is_free_for_the_fixed_request()
    {
        await using var host = await StartAsync();
        await host.PublishAsync("""{"idempotencyKey":"k","recipe":"randon"}""");
        await host.Received.FirstAsync<RunRefused>();

        await host.PublishAsync("""{"idempotencyKey":"k","recipe":"random"}""");

        Assert.Equal(RunIds.From("k"), (await host.Received.FirstAsync<RunCompleted>()).RunId);
    }

    [Fact]
    public async Task Of_many_equal_requests_at_once_one_becomes_a_run()
    {
        await using var host = await StartAsync();
        var request = JsonSerializer.Serialize(new { idempotencyKey = "k", recipe = "random" });

        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => host.PublishAsync(request)));
        await host.PublishAsync("{}");

        await host.Received.FirstAsync<RunRefused>();
        await host.Received.FirstAsync<RunCompleted>();
        Assert.Single(host.Received.All<RunStarted>());
        Assert.Single(await Runs(host));
    }

    private Task<ApiHost> StartAsync() => ApiHost.StartAsync(_folder.Path, new FakeWork());

    private static Task<IReadOnlyList<Mlops.Orchestrator.Runs.RunState>> Runs(ApiHost host) =>
        host.Services.GetRequiredService<RunQueries>().ListAsync(atMost: 10, default);
}
