using MassTransit;
using Microsoft.Extensions.Logging;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Platform.Errors;
using Mlops.Platform.Objects;
using Mlops.Platform.Telemetry;
using Polly;
using Polly.Timeout;

namespace Mlops.Platform.Jobs;

/// <summary>
/// One execution of a job: claim the lease, look for an earlier result, else work under heartbeats; announce.
/// </summary>
/// <param name="bus">Outcomes go through it rather than through a delivery, whose channel may be gone by then.</param>
public sealed class JobExecutor(
    IBus bus, LeaseClient leases, IObjectStore store, ArtifactStore artifacts, ComputeSlot compute,
    WorkerOptions options, TimeProvider time, ILogger<JobExecutor> log)
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly ResiliencePipeline _untilTaken = Errors.Retry.While(
        exception => exception is TimeoutRejectedException or ConnectionException, TimeSpan.MaxValue, time,
        PauseAfterFailure,
        waiting: exception => log.LogWarning(
            "The outcome could not be announced; trying again: {Reason}", exception.Message))
        .AddTimeout(options.SendTimeout).Build();

    /// <summary>
    /// Executes the order unless another execution holds its lease; returns when the outcome is announced.
    /// </summary>
    public async Task ExecuteAsync(
        ClaimLease claim, JobOrder order, IJobWorker worker, Func<JobResult, object> announce, CancellationToken stop)
    {
        using var scope = log.BeginScope(new Dictionary<string, object>
        {
            [TelemetryNames.RunId] = claim.RunId, [TelemetryNames.JobId] = claim.JobId,
            [TelemetryNames.Attempt] = claim.Attempt,
        });
        var key = JobKey.Of(worker, order);
        claim = claim with { Key = key.Digest, KeyParts = key.Parts };
        // Stopped before the lease is held, the exception leaves: the command has to go back to its queue.
        using (JobTelemetry.Start(TelemetryNames.Claim, claim))
            if (!await leases.ClaimAsync(claim, stop))
                return;
        using var execution = JobTelemetry.Start(TelemetryNames.Execute, claim);
        var outcome = await WorkAsync(claim, order, worker, announce, stop);
        using var announcing = JobTelemetry.Start(TelemetryNames.Announce, claim);
        await AnnounceAsync(outcome);
    }

    /// <summary>
    /// Publishes the outcome until the bus has taken it: as long as it has not, nothing else runs here. Its id stays
    /// the same, so that one that went out after all is known.
    /// </summary>
    private async Task AnnounceAsync(object outcome)
    {
        var id = NewId.NextGuid();
        await _untilTaken.ExecuteAsync(async token => await bus.Publish(
            outcome, outcome.GetType(), Pipe.Execute<PublishContext>(context => context.MessageId = id), token));
    }

    private async Task<object> WorkAsync(
        ClaimLease claim, JobOrder order, IJobWorker worker, Func<JobResult, object> announce, CancellationToken stop)
    {
        var usage = new UsageMeter(time, options.Device);
        await using var heartbeat = new Heartbeat(bus, claim, usage, options, time, log);
        try
        {
            log.LogInformation("Started {Protocol}", worker.Protocol);
            var result = await ProduceAsync(claim, order, worker, heartbeat, usage, stop);
            log.LogInformation("Finished in {Seconds:0.0} s, cached: {Cached}", result.Seconds, result.Cached);
            if (await leases.HoldsAsync(claim, stop))
            {
                End(result.Cached ? "cached" : "completed");
                return announce(result with { Usage = usage.Read() });
            }
            End("lost");
            log.LogWarning("The lease went to another execution; the result is kept but not announced");
            return Failed(claim, FailureKind.Cancelled, "the lease went to another execution", usage);
        }
        catch (Exception exception)
        {
            // The boundary where exceptions of the work become messages.
            var kind = Failures.KindOf(exception, stop.IsCancellationRequested);
            End(kind.ToString().ToLowerInvariant());
            if (kind == FailureKind.Transient)
                log.LogError(exception, "Failed: {Reason}", exception.Message);
            else
                log.LogInformation("Ended without a result: {Reason}", exception.Message);
            return Failed(claim, kind, Failures.ReasonOf(exception), usage);
        }

        void End(string outcome) =>
            JobTelemetry.Ended(worker.Protocol, outcome, usage.Elapsed.TotalSeconds, usage.Read());
    }

    private async Task<JobResult> ProduceAsync(
        ClaimLease claim, JobOrder order, IJobWorker worker, IProgress<JobProgress> progress, UsageMeter usage,
        CancellationToken stop)
    {
        var begin = time.GetTimestamp();
        var key = claim.Key!;
        var name = $"results/{key}";
        var counted = artifacts.Decorate(usage.Count);
        if (await store.TryResolveAsync(name, stop) is { } known && await counted.IsIntactAsync(known, stop))
            return Result(known, cached: true);
        var folder = Path.Combine(options.WorkFolder, claim.ExecutionId.ToString("N"));
        try
        {
            Directory.CreateDirectory(folder);
            var checkpoints = new CheckpointStore(counted, store, key, usage);
            var context = new JobContext(claim.RunId, order, counted, checkpoints, progress)
            {
                Device = options.Device,
                Warn = warning => log.LogWarning("{Warning}", warning),
            };
            await ComputeAsync(worker, context, folder, usage, stop);
            using var storing = JobTelemetry.StartBelow(TelemetryNames.Store);
            var output = await counted.SaveAsync(folder, worker.OutputKind, key, order.Inputs, stop);
            return Result(await SettleAsync(name, output, stop), cached: false);
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }

        JobResult Result(ObjectRef output, bool cached) => new(
            order.JobId, order.Attempt, claim.ExecutionId, output, time.GetElapsedTime(begin).TotalSeconds, cached);
    }

    private async Task ComputeAsync(
        IJobWorker worker, JobContext context, string folder, UsageMeter usage, CancellationToken stop)
    {
        using var computing = JobTelemetry.StartBelow(TelemetryNames.Compute);
        if (worker.UsesCompute)
            await compute.RunAsync(() => usage.ComputeAsync(() => worker.WriteAsync(context, folder, stop)), stop);
        else
            await Task.Run(() => worker.WriteAsync(context, folder, stop), stop);
    }

    // Of equal jobs that end at the same time the first names the result and all announce that one.
    private async Task<ObjectRef> SettleAsync(string name, ObjectRef output, CancellationToken cancellationToken)
    {
        if (await store.TryCreateNameAsync(name, output, cancellationToken))
            return output;
        if (await store.TryResolveAsync(name, cancellationToken) is { } first
            && await artifacts.IsIntactAsync(first, cancellationToken))
            return first;
        await store.SetNameAsync(name, output, cancellationToken);
        return output;
    }

    private static JobFailed Failed(ClaimLease claim, FailureKind kind, string reason, UsageMeter usage) =>
        new(claim.RunId, claim.JobId, claim.Attempt, claim.ExecutionId, kind, reason, usage.Read());
}
