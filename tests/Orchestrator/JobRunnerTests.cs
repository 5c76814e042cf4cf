using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts.Events;
using Mlops.Platform.Jobs;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator;

public sealed class JobRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeWork _work = new();

    [Fact]
    public async Task A_redelivery_attaches_to_the_execution_that_is_under_way()
    {
        await using var host = await TestHost.StartAsync(_folder.Path, FakeServices.Module(_work));
        var jobs = host.Services.GetRequiredService<JobRunner>();
        var attached = new TaskCompletionSource<Task>();
        _work.Instead["scores"] = (job, folder, token) =>
        {
            attached.SetResult(jobs.RunAsync(
                job.RunId, job.Order, _work, result => new ImportanceScored(job.RunId, result),
                CancellationToken.None));
            return FakeWork.WriteInputsAsync(job, folder, token);
        };

        await host.SubmitAsync("random");

        await await attached.Task;
        await host.Heard.FirstAsync<RunCompleted>();
        Assert.Equal(1, _work.Executions("scores"));
        Assert.Single(host.Heard.All<JobCompleted>(), job => job.Result.JobId == "scores");
    }

    [Fact]
    public async Task The_folder_that_a_job_wrote_into_is_gone_after_it()
    {
        await using var host = await TestHost.StartAsync(_folder.Path, FakeServices.Module(_work));

        await host.SubmitAsync("random");

        await host.Heard.FirstAsync<RunCompleted>();
        Assert.Empty(Directory.GetFileSystemEntries(_folder.File("work")));
    }

    public void Dispose() => _folder.Dispose();
}
