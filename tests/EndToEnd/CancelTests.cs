using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Tests.EndToEnd.Support;

namespace Mlops.Tests.EndToEnd;

/// <summary>A cancel reaches the training loop of another process.</summary>
[Trait("Category", "EndToEnd")]
public sealed class CancelTests
{
    private const int Steps = 1000, NeverDone = 100_000, Cancels = 6;
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(12);

    [Fact]
    public async Task Every_cancel_ends_its_run_early_in_its_training()
    {
        await using var installation = await Installation.CreateAsync();
        var inputs = await Procedural.DataAsync(installation.Artifacts);
        using var cluster = installation.StartCluster();
        cluster.Add("CoFinetuning");

        for (var seed = 1; seed <= Cancels; seed++)
        {
            var run = await installation.SubmitAsync(Recipes.Training(NeverDone, seed), inputs: inputs);
            await WorkingAsync(installation, run);
            await installation.Bus.Publish(new CancelRun(run, "enough"));
            await installation.Received.FirstAsync<RunCancelled>(ended => ended.RunId == run, Timeout);
        }

        // In steps, not in seconds: `make bench NAME=bus` measures those.
        Assert.All(
            installation.Received.All<JobProgressed>(), progress => Assert.InRange(progress.Fraction, 0, 0.1));
    }

    [Fact]
    public async Task A_cancelled_training_goes_on_from_where_it_stopped_and_ends_in_the_same_bytes()
    {
        await using var installation = await Installation.CreateAsync();
        var inputs = await Procedural.DataAsync(installation.Artifacts);
        using var cluster = installation.StartCluster();
        cluster.Add("CoFinetuning");
        var run = await installation.SubmitAsync(Recipes.Training(Steps), inputs: inputs);
        await WorkingAsync(installation, run);
        await installation.Bus.Publish(new CancelRun(run, "enough"));
        await installation.Received.FirstAsync<RunCancelled>(ended => ended.RunId == run, Timeout);
        var reached = installation.Received.All<JobProgressed>().Max(progress => progress.Fraction);

        await installation.Bus.Publish(new ResumeRun(run));

        var completed = await installation.Received.FirstAsync<RunCompleted>(ended => ended.RunId == run, Timeout);
        Assert.All(
            installation.Received.All<JobProgressed>().Where(told => told.Attempt == 2 && told.Fraction > 0),
            told => Assert.InRange(told.Fraction, reached, 1));
        Assert.Equal(await Procedural.UndisturbedAsync(Recipes.Training(Steps)), completed.Artifacts["model"]);
    }

    private static Task WorkingAsync(Installation installation, Guid run) =>
        installation.Received.FirstAsync<JobProgressed>(
            progress => progress.RunId == run && progress.Fraction > 0, Timeout);
}
