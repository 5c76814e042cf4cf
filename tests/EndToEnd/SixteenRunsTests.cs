using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Store;
using Mlops.Orchestrator.Runs;
using Mlops.Tests.EndToEnd.Support;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.EndToEnd;

/// <summary>Equal runs at once: one does the job, the others stand back without a message in the broker.</summary>
[Trait("Category", "EndToEnd")]
public sealed class SixteenRunsTests
{
    private const int Runs = 16;

    [Fact]
    public async Task Sixteen_equal_runs_at_once_on_two_workers_do_the_job_once()
    {
        await using var installation = await Installation.CreateAsync();
        using var cluster = installation.StartCluster();
        var work = new FakeWork();
        var allWaiting = new TaskCompletionSource();
        work.Instead["scores"] = async (job, folder, cancellationToken) =>
        {
            await allWaiting.Task.WaitAsync(cancellationToken);
            await FakeWork.WriteInputsAsync(job, folder, cancellationToken);
        };
        using var first = await installation.StartWorkerAsync("first", work);
        using var second = await installation.StartWorkerAsync("second", work);
        var inputs = new Dictionary<string, ObjectRef>
        {
            ["data"] = await installation.ImportAsync("data", "data.json", "{}"),
        };

        var runs = await Task.WhenAll(Enumerable.Range(0, Runs).Select(
            _ => installation.SubmitAsync(Recipes.OneScoring, inputs: inputs)));
        await Eventually.TrueAsync(
            async () => await WaitingAsync(cluster.Queries, runs) == Runs - 1, "all but one of the runs wait");
        allWaiting.SetResult();

        foreach (var run in runs)
            await installation.Received.FirstAsync<RunCompleted>(ended => ended.RunId == run);
        Assert.Equal(1, work.Executions("scores"));
        Assert.Single(installation.Received.All<RunCompleted>().Select(ended => ended.Artifacts["scores"]).Distinct());
    }

    private static async Task<int> WaitingAsync(RunQueries queries, IEnumerable<Guid> runs)
    {
        var waiting = 0;
        foreach (var run in runs)
            if (await queries.FindAsync(run, default) is { Jobs: [{ Status: JobStatus.WaitingForDuplicate }] })
                waiting++;
        return waiting;
    }
}
