using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Orchestrator.Runs;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator;

public sealed class EndToEndTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeWork _work = new();

    [Fact]
    public async Task A_run_does_its_jobs_in_order_and_completes_each_once()
    {
        await using var host = await StartAsync();

        var run = await host.SubmitAsync("diff-es");

        var completed = await host.Received.FirstAsync<RunCompleted>();
        Assert.Equal(run, completed.RunId);
        string[] jobs = ["model", "scores", "schedule", "pruned", "evaluation"];
        Assert.Equal(jobs, host.Received.All<JobCompleted>().Select(job => job.Result.JobId));
        Assert.Equal(jobs.Order(), completed.Artifacts.Keys.Order());
        var stored = await host.Queries(_folder.Path).FindAsync(run.ToString()[..8], default);
        Assert.Equal(RunStatus.Completed, stored!.Status);
        Assert.All(
            stored.Jobs, job => Assert.Equal((JobStatus.Completed, 1, false), (job.Status, job.Attempt, job.Cached)));
    }

    [Fact]
    public async Task An_equal_second_run_finds_all_its_results()
    {
        await using var host = await StartAsync();
        await host.SubmitAsync("magnitude");
        var first = await host.Received.FirstAsync<RunCompleted>();

        var run = await host.SubmitAsync("magnitude");

        var second = await host.Received.FirstAsync<RunCompleted>(each => each.RunId == run);
        Assert.Equal(first.Artifacts, second.Artifacts);
        Assert.All(
            host.Received.All<JobCompleted>().Where(job => job.RunId == run), job => Assert.True(job.Result.Cached));
        Assert.Equal(1, _work.Executions("tuned"));
    }

    [Fact]
    public async Task A_result_whose_object_was_damaged_is_made_again()
    {
        await using var host = await StartAsync();
        await host.SubmitAsync("magnitude");
        var first = await host.Received.FirstAsync<RunCompleted>();
        var result = Directory.EnumerateFiles(_folder.File("objects/sha256"), "*", SearchOption.AllDirectories)
            .Single(path => File.ReadAllText(path).StartsWith("""{"mode":"distil"}""", StringComparison.Ordinal));
        File.AppendAllText(result, "!");

        var run = await host.SubmitAsync("magnitude");

        var second = await host.Received.FirstAsync<RunCompleted>(each => each.RunId == run);
        Assert.Equal(first.Artifacts, second.Artifacts);
        Assert.Equal(2, _work.Executions("tuned"));
        Assert.Equal(1, _work.Executions("scores"));
    }

    [Fact]
    public async Task Bad_input_ends_the_run_with_the_sentence_of_the_job_and_is_not_tried_again()
    {
        _work.Instead["scores"] = (_, _, _) => throw new InvalidDataException("tensor 'a' has NaN; train again");
        await using var host = await StartAsync();

        await host.SubmitAsync("random");

        var failed = await host.Received.FirstAsync<RunFailed>();
        Assert.Equal(("scores", "tensor 'a' has NaN; train again"), (failed.JobId, failed.Reason));
        Assert.Equal(1, _work.Executions("scores"));
    }

    [Fact]
    public async Task A_passing_fault_is_tried_again_after_a_while()
    {
        _work.Instead["scores"] = (job, folder, token) => job.Order.Attempt < 3
            ? throw new IOException("connection reset")
            : FakeWork.WriteInputsAsync(job, folder, token);
        await using var host = await StartAsync();

        var run = await host.SubmitAsync("random");

        await host.Received.FirstAsync<RunCompleted>();
        var stored = await host.Queries(_folder.Path).FindAsync(run.ToString("N"), default);
        Assert.Equal((3, 2), (stored!.Jobs[1].Attempt, stored.Jobs[1].Failures));
        Assert.Equal(3, _work.Executions("scores"));
    }

    [Fact]
    public async Task A_fault_that_does_not_pass_ends_the_run_with_the_number_of_tries()
    {
        _work.Instead["scores"] = (_, _, _) => throw new IOException("connection reset");
        await using var host = await StartAsync();

        await host.SubmitAsync("random");

        var failed = await host.Received.FirstAsync<RunFailed>();
        Assert.Equal("IOException: connection reset (tried 4 times)", failed.Reason);
    }

    [Fact]
    public async Task A_cancelled_run_saves_its_progress_and_goes_on_from_there()
    {
        _work.Instead["tuned"] = WorkWithCheckpointAsync;
        await using var host = await StartAsync();
        var run = await host.SubmitAsync("alter");
        await host.Received.FirstAsync<JobProgressed>(heartbeat => heartbeat.Activity == "in the middle");

        await host.Runs.CancelAsync(new CancelRun(run, "enough for today"), messageId: null, default);
        var cancelled = await host.Received.FirstAsync<RunCancelled>();
        await host.Runs.ResumeAsync(new ResumeRun(run), messageId: null, default);

        Assert.Equal("enough for today", cancelled.Reason);
        await host.Received.FirstAsync<RunCompleted>();
        Assert.Equal(2, _work.Executions("tuned"));
        Assert.Equal(1, _work.Executions("model"));
    }

    [Fact]
    public async Task A_host_that_stops_leaves_a_run_that_the_next_host_finishes()
    {
        _work.Instead["tuned"] = WorkWithCheckpointAsync;
        await using (var first = await StartAsync())
        {
            await first.SubmitAsync("alter");
            await first.Received.FirstAsync<JobProgressed>(heartbeat => heartbeat.Activity == "in the middle");
        }

        await using var second = await StartAsync();

        await second.Received.FirstAsync<RunCompleted>();
        Assert.Equal(2, _work.Executions("tuned"));
        Assert.Equal(1, _work.Executions("model"));
    }

    [Fact]
    public async Task What_a_kill_leaves_on_the_disk_is_enough_to_finish_the_run()
    {
        using var afterKill = new TemporaryFolder();
        var never = new TaskCompletionSource();
        _work.Instead["schedule"] = (_, _, token) => never.Task.WaitAsync(token);
        await using var killed = await StartAsync();
        var run = await killed.SubmitAsync("diff-es");
        await killed.Received.FirstAsync<JobProgressed>(heartbeat => heartbeat.JobId == "schedule");
        // A copy of the files of a living process is what a kill would leave.
        _folder.CopyTo(afterKill);

        var work = new FakeWork();
        await using var next = await TestHost.StartAsync(afterKill.Path, FakeServices.Module(work));

        var completed = await next.Received.FirstAsync<RunCompleted>();
        Assert.Equal(run, completed.RunId);
        Assert.Equal((0, 1), (work.Executions("scores"), work.Executions("schedule")));
    }

    [Fact]
    public async Task A_run_that_cannot_be_planned_is_refused_with_a_reason()
    {
        await using var host = await StartAsync();

        await host.Services.GetRequiredService<IBus>().Publish(new StartRun(
            Guid.NewGuid(), "alter", new Dictionary<string, ObjectRef> { ["data"] = await host.DataAsync() },
            new Dictionary<string, string> { ["macs"] = "0" }));

        var refused = await host.Received.FirstAsync<RunRefused>();
        Assert.Contains("macs 0", refused.Reason);
    }

    [Fact]
    public async Task Two_hosts_on_one_history_are_refused_with_a_sentence()
    {
        await using var host = await StartAsync();

        var thrown = await Assert.ThrowsAsync<ArgumentException>(StartAsync);

        Assert.StartsWith("another process already drives the runs", thrown.Message);
    }

    public void Dispose() => _folder.Dispose();

    private Task<TestHost> StartAsync() => TestHost.StartAsync(_folder.Path, FakeServices.Module(_work));

    // Stands for training: stops at a checkpoint when asked, and goes on from it.
    private static async Task WorkWithCheckpointAsync(
        Mlops.Platform.Jobs.JobContext job, string folder, CancellationToken cancellationToken)
    {
        if (await job.Checkpoints.LatestAsync(cancellationToken) is { } checkpoint)
        {
            File.Copy(Path.Combine(checkpoint, "half.txt"), Path.Combine(folder, "result.txt"));
            return;
        }
        job.Progress.Report(new(0.5, "in the middle"));
        var stopped = new TaskCompletionSource();
        await using var registration = cancellationToken.Register(() => stopped.SetResult());
        await stopped.Task;
        using var half = new TemporaryFolder();
        await File.WriteAllTextAsync(half.File("half.txt"), "half", CancellationToken.None);
        await job.Checkpoints.SaveAsync(half.Path, CancellationToken.None);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
