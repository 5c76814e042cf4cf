using Mlops.Contracts.Events;
using Mlops.Orchestrator.Runs;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator;

public sealed class RunOnceTests : IDisposable
{
    private const int Runs = 16;

    private readonly TemporaryFolder _folder = new();
    private readonly FakeWork _work = new();

    [Fact]
    public async Task Sixteen_equal_runs_at_once_do_each_job_once()
    {
        await using var host = await TestHost.StartAsync(_folder.Path, FakeServices.Module(_work));

        var runs = await Task.WhenAll(Enumerable.Range(0, Runs).Select(_ => host.SubmitAsync("magnitude")));

        foreach (var run in runs)
            await host.Received.FirstAsync<RunCompleted>(each => each.RunId == run);
        var artifacts = host.Received.All<RunCompleted>().SelectMany(run => run.Artifacts).Distinct().ToArray();
        Assert.All(artifacts, made => Assert.Equal(1, _work.Executions(made.Key)));
        Assert.Equal(artifacts.Length, artifacts.Select(made => made.Key).Distinct().Count());
        foreach (var run in runs)
            Assert.Equal(RunStatus.Completed, (await host.Queries(_folder.Path).FindAsync(run, default))!.Status);
    }

    public void Dispose() => _folder.Dispose();
}
