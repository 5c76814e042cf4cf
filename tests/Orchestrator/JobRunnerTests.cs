using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Faults;
using Mlops.Platform.Hosting;
using Mlops.Platform.Jobs;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator;

public sealed class JobRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeWork _work = new();
    private readonly ManualTime _time = new();

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
        await host.Received.FirstAsync<RunCompleted>();
        Assert.Equal(1, _work.Executions("scores"));
        Assert.Single(host.Received.All<JobCompleted>(), job => job.Result.JobId == "scores");
    }

    [Fact]
    public async Task The_folder_that_a_job_wrote_into_is_gone_after_it()
    {
        await using var host = await TestHost.StartAsync(_folder.Path, FakeServices.Module(_work));

        await host.SubmitAsync("random");

        await host.Received.FirstAsync<RunCompleted>();
        Assert.Empty(Directory.GetFileSystemEntries(_folder.File("work")));
    }

    [Fact]
    public async Task An_outcome_whose_confirmation_is_lost_is_announced_again()
    {
        await using var host = await LosingAsync<ImportanceScored>();

        await _time.AdvanceUntilAsync(
            host.Received.FirstAsync<JobCompleted>(completed => completed.Result.JobId == "scores"));
        await host.Received.FirstAsync<RunCompleted>();
        Assert.Equal(1, _work.Executions("scores"));
        Assert.Single(host.Received.All<JobCompleted>(), job => job.Result.JobId == "scores");
    }

    [Fact]
    public async Task A_claim_whose_confirmation_is_lost_is_made_again()
    {
        await using var host = await LosingAsync<ClaimLease>();

        await _time.AdvanceUntilAsync(host.Received.FirstAsync<JobCompleted>());
        await host.Received.FirstAsync<RunCompleted>();
        Assert.All(host.Received.All<JobCompleted>(), job => Assert.Equal(1, job.Result.Attempt));
    }

    [Fact]
    public async Task A_heartbeat_whose_confirmation_is_lost_does_not_hold_up_the_next()
    {
        var heard = new TaskCompletionSource();
        _work.Instead["scores"] = async (job, folder, token) =>
        {
            await heard.Task;
            await FakeWork.WriteInputsAsync(job, folder, token);
        };
        await using var host = await LosingAsync<JobProgressed>();

        await _time.AdvanceUntilAsync(host.Received.FirstAsync<JobProgressed>(beat => beat.JobId == "scores"));
        heard.SetResult();
        await host.Received.FirstAsync<RunCompleted>();
        Assert.Equal(1, _work.Executions("scores"));
    }

    [Fact]
    public async Task A_worker_that_ends_before_it_holds_the_lease_keeps_the_command_unacknowledged()
    {
        using var delivery = new CancellationTokenSource();
        var consumed = await StoppedBeforeItHoldsTheLeaseAsync(durable: true, delivery.Token);

        await delivery.CancelAsync();

        // A consumer that returned would have acknowledged the command, and nobody would ever send it again.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => consumed);
        Assert.Equal(0, _work.Executions("scores"));
    }

    [Fact]
    public async Task A_process_that_has_the_bus_inside_does_not_wait_for_it_to_take_the_command_away()
    {
        var consumed = await StoppedBeforeItHoldsTheLeaseAsync(durable: false, CancellationToken.None);

        await consumed.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, _work.Executions("scores"));
    }

    /// <summary>A run whose first message of a kind waits for its confirmation. Its lease lasts for as long as the
    /// clock may be moved.</summary>
    private async Task<TestHost> LosingAsync<TMessage>() where TMessage : class
    {
        var lost = new LostConfirmation<TMessage>();
        var host = await TestHost.StartAsync(
            _folder.Path, lost.Before(FakeServices.Module(_work)), _time,
            change: options => options with { Lease = TimeSpan.FromHours(1) });
        await host.SubmitAsync("random");
        await lost.Waiting;
        return host;
    }

    /// <summary>The handling of a command in a process that ended while nobody gave the lease.</summary>
    private async Task<Task> StoppedBeforeItHoldsTheLeaseAsync(bool durable, CancellationToken delivery)
    {
        var platform = new PlatformOptions { DataFolder = _folder.Path, LogToConsole = false };
        await using var withoutOrchestrator =
            ServiceHost.Build(platform, "http://127.0.0.1:0", [FakeServices.Module(_work)]);
        await withoutOrchestrator.StartAsync();
        var services = withoutOrchestrator.Services;
        var options = services.GetRequiredService<WorkerOptions>() with { HasDurableQueues = durable };
        var consumed = ActivatorUtilities.CreateInstance<JobRunner>(services, options).RunAsync(
            Guid.NewGuid(), new JobOrder("scores", Attempt: 1, "{}", new Dictionary<string, ObjectRef>(), Seed: 1),
            _work, result => new ImportanceScored(Guid.Empty, result), delivery);
        await withoutOrchestrator.StopAsync();
        return consumed;
    }

    public void Dispose() => _folder.Dispose();
}
