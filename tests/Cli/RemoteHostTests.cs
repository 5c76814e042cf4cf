using Microsoft.Extensions.DependencyInjection;
using Mlops.Cli.Hosting;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Platform.Errors;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Cli;

public sealed class RemoteHostTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeWork _work = new();

    private static readonly Dictionary<string, ObjectRef> None = [];
    private static readonly Dictionary<string, string> Settings = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_watch_outlives_a_restart_of_the_orchestrator_and_tells_nothing_twice()
    {
        var begun = new TaskCompletionSource();
        _work.Instead["tuned"] = async (_, _, cancellationToken) =>
        {
            begun.TrySetResult();
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        };
        var first = await ApiHost.StartAsync(_folder.Path, _work);
        var address = first.Http.BaseAddress!;
        await using var remote = Remote(address);
        var run = Guid.NewGuid();
        await remote.StartAsync(new StartRun(run, "alter", None, Settings), default);
        var watching = WatchAsync(remote, run);
        await begun.Task;

        await first.DisposeAsync();
        _work.Instead.Clear();
        await using var second = await ApiHost.StartAsync(_folder.Path, _work, address: address.ToString());

        var told = await watching;
        Assert.IsType<RunCompleted>(told[^1]);
        Assert.Single(told.OfType<RunStarted>());
        Assert.Equal(
            ["model", "scores", "schedule", "tuned", "pruned", "evaluation"],
            told.OfType<JobCompleted>().Select(job => job.Result.JobId));
        // It has ended: nothing to cancel, and no error.
        await remote.CancelAsync(run, default);
    }

    [Fact]
    public async Task A_refusal_and_an_unavailable_server_are_told_apart()
    {
        await using var host = await ApiHost.StartAsync(_folder.Path, _work);
        await using var remote = Remote(host.Http.BaseAddress!);
        await using var nobody = Remote(new Uri("http://127.0.0.1:1"));
        var request = new StartRun(Guid.NewGuid(), "no-such", None, Settings);

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => remote.StartAsync(request, default));
        var unavailable = await Assert.ThrowsAsync<ServiceUnavailableException>(
            () => nobody.StartAsync(request, default));

        Assert.StartsWith("unknown recipe 'no-such'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("does not answer; start it with `mlops serve`", unavailable.Message, StringComparison.Ordinal);
    }

    private static RemoteHost Remote(Uri address) =>
        new(new OrchestratorClient(address, key: null), new ServiceCollection().BuildServiceProvider());

    private static async Task<List<object>> WatchAsync(RemoteHost remote, Guid run)
    {
        var told = new List<object>();
        await foreach (var message in remote.WatchAsync(run, default))
            told.Add(message);
        return told;
    }
}
