using System.Net.ServerSentEvents;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Api;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator.Api;

/// <summary>The events of a run over HTTP: all of them from whenever one begins to listen, each once.</summary>
public sealed class RunFeedTests : IDisposable
{
    private static readonly string[] Jobs = ["model", "scores", "sliced", "tuned", "pruned", "evaluation"];

    private static readonly string[] Told =
    [
        "RunStarted", .. Jobs.SelectMany(_ => (string[])["JobDispatched", "JobCompleted"]), "RunCompleted",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly FakeWork _work = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Who_listens_from_the_start_and_who_comes_late_hear_the_same()
    {
        await using var host = await ApiHost.StartAsync(_folder.Path, _work);
        var run = await host.SubmitAsync("""{"recipe":"magnitude"}""");

        var early = await ListenAsync(host, run);
        var late = await ListenAsync(host, run);

        Assert.Equal(Told, Landmarks(early));
        Assert.Equal(Told, Landmarks(late));
        Assert.Equal(Jobs.Order(), Assert.IsType<RunCompleted>(late[^1]).Artifacts.Keys.Order());
    }

    [Fact]
    public async Task A_run_that_failed_for_good_says_so_also_later()
    {
        _work.Instead["scores"] = (_, _, _) => throw new InvalidDataException("tensor 'a' has NaN; train again");
        await using var host = await ApiHost.StartAsync(_folder.Path, _work);
        var run = await host.SubmitAsync("""{"recipe":"random"}""");
        await host.Received.FirstAsync<RunFailed>();

        var events = await ListenAsync(host, run);

        var failed = Assert.IsType<RunFailed>(events[^1]);
        Assert.Equal(
            ("scores", FailureKind.Permanent, "tensor 'a' has NaN; train again"),
            (failed.JobId, failed.Kind, failed.Reason));
    }

    [Fact]
    public async Task A_resumed_run_goes_on_although_its_end_is_still_on_the_bus()
    {
        _work.Instead["scores"] = (_, _, _) => throw new InvalidDataException("fix me");
        await using var host = await ApiHost.StartAsync(_folder.Path, _work);
        var run = await host.SubmitAsync("""{"recipe":"random"}""");
        await host.Received.FirstAsync<RunFailed>();
        _work.Instead.Clear();
        using var resumed = await host.PostAsync("", path: $"/runs/{run}/resume");

        var events = await ListenAsync(host, run);

        Assert.IsType<RunCompleted>(events[^1]);
        Assert.DoesNotContain(events, message => message is RunFailed);
    }

    private static IEnumerable<string> Landmarks(List<object> events) =>
        events.Where(message => message is not JobProgressed).Select(message => message.GetType().Name);

    private static async Task<List<object>> ListenAsync(ApiHost host, Guid run)
    {
        await using var stream = await host.Http.GetStreamAsync($"/runs/{run}/events");
        var events = new List<object>();
        await foreach (var item in SseParser.Create(stream).EnumerateAsync())
            events.Add(RunEventFormat.Read(item)!);
        return events;
    }
}
