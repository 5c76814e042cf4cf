using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Platform.Bus;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator;

/// <summary>Workers here are played by the test, so that one can freeze and wake up again.</summary>
public sealed class LeaseTakeoverTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();

    [Fact]
    public async Task A_frozen_worker_loses_its_job_and_cannot_publish_when_it_wakes()
    {
        await using var host = await TestHost.StartAsync(_folder.Path, Played(), _time);
        var run = await host.SubmitAsync(OneJob);
        var first = await host.Received.FirstAsync<Evaluate>();
        var (frozen, heir) = (Guid.NewGuid(), Guid.NewGuid());
        Assert.Equal(LeaseDecision.Granted, await ClaimAsync(host, first, frozen, "frozen"));
        Assert.Equal(LeaseDecision.Held, await ClaimAsync(host, first, heir, "heir"));

        var second = await _time.AdvanceUntilAsync(
            host.Received.FirstAsync<Evaluate>(command => command.Job.Attempt == 2));
        Assert.Equal(LeaseDecision.Granted, await ClaimAsync(host, second, heir, "heir"));
        Assert.Equal(LeaseDecision.Stale, await ClaimAsync(host, first, frozen, "frozen"));
        var bus = host.Services.GetRequiredService<IBus>();
        await bus.Publish(new Evaluated(run, new JobResult("evaluation", 1, frozen, Late, 1, false)));
        await bus.Publish(new JobProgressed(run, "evaluation", 1, frozen, 1, "late"));
        await host.Received.FirstAsync<CancelJob>(stop => stop.ExecutionId == frozen);
        await bus.Publish(new Evaluated(run, new JobResult("evaluation", 2, heir, Good, 1, false)));

        var completed = await host.Received.FirstAsync<RunCompleted>();
        Assert.Equal(Good, completed.Artifacts["evaluation"]);
        Assert.Equal(heir, Assert.Single(host.Received.All<JobCompleted>()).Result.ExecutionId);
    }

    [Fact]
    public async Task A_worker_with_heartbeats_keeps_its_job_for_as_long_as_it_takes()
    {
        await using var host = await TestHost.StartAsync(_folder.Path, Played(), _time);
        var run = await host.SubmitAsync(OneJob);
        var command = await host.Received.FirstAsync<Evaluate>();
        var execution = Guid.NewGuid();
        await ClaimAsync(host, command, execution, "steady");
        var bus = host.Services.GetRequiredService<IBus>();

        for (var count = 1; count <= 6; count++)
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            await bus.Publish(new JobProgressed(run, "evaluation", 1, execution, count / 6.0, $"heartbeat {count}"));
            await host.Received.FirstAsync<JobProgressed>(received => received.Activity == $"heartbeat {count}");
            // The answer to a claim shows that the heartbeat before it was taken in.
            Assert.Equal(LeaseDecision.Granted, await ClaimAsync(host, command, execution, "steady"));
        }

        await bus.Publish(new Evaluated(run, new JobResult("evaluation", 1, execution, Good, 180, false)));
        await host.Received.FirstAsync<RunCompleted>();
        Assert.Single(host.Received.All<Evaluate>());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_clock_that_jumps_an_hour_takes_no_job_from_the_living_and_leaves_none_with_the_dead(int hours)
    {
        await using var host = await TestHost.StartAsync(_folder.Path, Played(), _time);
        await host.SubmitAsync(OneJob);
        var command = await host.Received.FirstAsync<Evaluate>();
        var execution = Guid.NewGuid();
        await ClaimAsync(host, command, execution, "steady");

        _time.Set(TimeSpan.FromHours(hours));
        for (var second = 0; second < 50; second++)
            _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(LeaseDecision.Granted, await ClaimAsync(host, command, execution, "steady"));
        await _time.AdvanceUntilAsync(host.Received.FirstAsync<Evaluate>(heir => heir.Job.Attempt == 2));

        Assert.Equal(2, host.Received.All<Evaluate>().Count);
    }

    [Fact]
    public async Task A_standstill_of_the_orchestrator_itself_takes_no_job_from_anybody()
    {
        await using var host = await TestHost.StartAsync(_folder.Path, Played(), _time);
        await host.SubmitAsync(OneJob);
        var command = await host.Received.FirstAsync<Evaluate>();
        var execution = Guid.NewGuid();
        await ClaimAsync(host, command, execution, "steady");

        _time.Advance(TimeSpan.FromMinutes(10));
        using var step = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        for (var second = 0; second < 50; second++)
        {
            await step.WaitForNextTickAsync();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(LeaseDecision.Granted, await ClaimAsync(host, command, execution, "steady"));
        Assert.Single(host.Received.All<Evaluate>());
    }

    public void Dispose() => _folder.Dispose();

    private const string OneJob = """
        name: one
        description: "One job."
        jobs:
          - { id: evaluation, job: evaluate, uses: { data: data } }
        """;

    private static readonly ObjectRef Late = new(new string('1', 64), 1);
    private static readonly ObjectRef Good = new(new string('2', 64), 1);

    private static async Task<LeaseDecision> ClaimAsync(TestHost host, Evaluate command, Guid execution, string worker)
    {
        var client = host.Services.GetRequiredService<IBus>().CreateRequestClient<ClaimLease>();
        var claim = new ClaimLease(command.RunId, command.Job.JobId, command.Job.Attempt, execution, worker);
        return (await client.GetResponse<LeaseAnswered>(claim)).Message.Decision;
    }

    private static ServiceModule Played() => new(
        "played", _ => { },
        bus => bus.AddWorkConsumer<Recorder, Evaluate>(concurrency: 4));

    private sealed class Recorder(Received received) : IConsumer<Evaluate>
    {
        public Task Consume(ConsumeContext<Evaluate> context)
        {
            received.Add(context.Message);
            return Task.CompletedTask;
        }
    }
}
