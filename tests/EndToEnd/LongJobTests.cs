using System.Diagnostics;
using Mlops.Contracts.Events;
using Mlops.Tests.EndToEnd.Support;
using Mlops.Tests.Orchestrator.Support;

namespace Mlops.Tests.EndToEnd;

/// <summary>The broker of these tests takes a message back after a minute; jobs last longer.</summary>
[Trait("Category", "Drill")]
public sealed class LongJobTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(150), Timeout = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_job_that_outlasts_the_brokers_timeout_runs_once()
    {
        await using var installation = await Installation.CreateAsync();
        using var cluster = installation.StartCluster();
        var work = new FakeWork();
        work.Instead["scores"] = async (job, folder, cancellationToken) =>
        {
            await LastAsync(cancellationToken);
            await FakeWork.WriteInputsAsync(job, folder, cancellationToken);
        };
        using var first = await installation.StartWorkerAsync("first", work);
        using var second = await installation.StartWorkerAsync("second", work);

        var run = await installation.SubmitAsync(Recipes.OneScoring);

        await installation.Received.FirstAsync<RunCompleted>(ended => ended.RunId == run, Timeout);
        Assert.Equal(1, work.Executions("scores"));
        var result = Assert.Single(installation.Received.All<JobCompleted>()).Result;
        Assert.Equal(1, result.Attempt);
        Assert.True(
            await installation.RedeliveriesAsync("score-importance") > 0, "the broker never took the message back");
    }

    private static async Task LastAsync(CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (Stopwatch.GetElapsedTime(begin) < Duration)
            await timer.WaitForNextTickAsync(cancellationToken);
    }
}
