using Mlops.Contracts.Events;
using Mlops.Tests.EndToEnd.Support;

namespace Mlops.Tests.EndToEnd;

/// <summary>A worker that lives and is deaf: another one goes on, and it cannot publish when it wakes.</summary>
[Trait("Category", "EndToEnd")]
public sealed class FrozenWorkerTests
{
    private const int Steps = 2000;
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(12);

    [Fact]
    public async Task Another_worker_takes_over_and_the_woken_one_cannot_publish()
    {
        await using var installation = await Installation.CreateAsync();
        var inputs = await Procedural.DataAsync(installation.Artifacts);
        using var cluster = installation.StartCluster();
        cluster.Add("CoFinetuning");
        var run = await installation.SubmitAsync(Recipes.Training(Steps), inputs: inputs);
        var heartbeat = await installation.Received.FirstAsync<JobProgressed>(
            progress => progress.Fraction > 0, Timeout);
        var frozen = cluster.Workers[0];
        cluster.Add("CoFinetuning");

        frozen.Freeze();
        await installation.Received.FirstAsync<JobProgressed>(
            progress => progress.ExecutionId != heartbeat.ExecutionId, Timeout);
        frozen.Thaw();

        var completed = await installation.Received.FirstAsync<RunCompleted>(ended => ended.RunId == run, Timeout);
        var accepted = Assert.Single(installation.Received.All<JobCompleted>());
        Assert.NotEqual(heartbeat.ExecutionId, accepted.Result.ExecutionId);
        Assert.Equal(await Procedural.UndisturbedAsync(Recipes.Training(Steps)), completed.Artifacts["model"]);
    }
}
