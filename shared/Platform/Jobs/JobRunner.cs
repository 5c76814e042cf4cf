using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Mlops.Contracts;
using Mlops.Contracts.Commands;

namespace Mlops.Platform.Jobs;

/// <summary>
/// Runs the jobs of a process: at most one execution per attempt, however often its command is delivered. A redelivery
/// attaches to the running one, a cancel reaches it, and the end of the process stops all of them at a checkpoint.
/// </summary>
public sealed class JobRunner(
    JobExecutor executions, WorkerOptions options, IHostApplicationLifetime lifetime) : IHostedService
{
    private readonly ConcurrentDictionary<(Guid RunId, string JobId, int Attempt), Lazy<Running>> _running = new();

    /// <summary>Whether a job is under way here.</summary>
    public bool IsBusy => !_running.IsEmpty;

    /// <summary>
    /// Executes the order, or waits for the execution that is under way. Failures of the work are announced, not
    /// thrown.
    /// </summary>
    /// <param name="announce">Makes the event that carries the result.</param>
    /// <param name="cancellationToken">Ends the waiting, not the work.</param>
    public async Task RunAsync(
        Guid runId, JobOrder order, IJobWorker worker, Func<JobResult, object> announce,
        CancellationToken cancellationToken)
    {
        var running = _running.GetOrAdd(
            (runId, order.JobId, order.Attempt),
            key => new Lazy<Running>(() => Start(key, order, worker, announce))).Value;
        try
        {
            await running.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It was stopped before it held the lease, so nobody was told. At the end of the process the command has to
            // go back to its durable queue; it does when the bus takes it away from a consumer that holds on to it, and
            // would not after a normal end or an exception. The bus inside a process may wait for the consumer instead.
            if (options.HasDurableQueues && lifetime.ApplicationStopping.IsCancellationRequested)
                await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }

    /// <summary>Asks the execution to save its progress and stop, if it runs here.</summary>
    public void Cancel(Guid executionId)
    {
        foreach (var running in _running.Values)
            if (running.Value.ExecutionId == executionId)
                running.Value.Stop();
    }

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Runs before the bus stops (it is registered after it), so that what was stopped can still say so.
    async Task IHostedService.StopAsync(CancellationToken cancellationToken) =>
        // How each ended is for its consumer to see.
        await Task.WhenAll(_running.Values.Select(running => running.Value.Task)).WaitAsync(cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private Running Start(
        (Guid RunId, string JobId, int Attempt) key, JobOrder order, IJobWorker worker,
        Func<JobResult, object> announce)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
        var claim = new ClaimLease(key.RunId, key.JobId, key.Attempt, Guid.NewGuid(), options.WorkerId);
        return new Running(claim.ExecutionId, RunToEndAsync(), () => Request(stop));

        async Task RunToEndAsync()
        {
            // Leaves the caller at once: the consumer that started it may go away before it ends.
            await Task.Yield();
            try
            {
                await executions.ExecuteAsync(claim, order, worker, announce, stop.Token);
            }
            finally
            {
                _running.TryRemove(key, out _);
                stop.Dispose();
            }
        }
    }

    private static void Request(CancellationTokenSource stop)
    {
        try
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended between the look-up and the request.
        }
    }

    private sealed record Running(Guid ExecutionId, Task Task, Action Stop);
}
