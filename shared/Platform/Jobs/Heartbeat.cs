using System.Diagnostics;
using MassTransit;
using Microsoft.Extensions.Logging;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Polly;

namespace Mlops.Platform.Jobs;

/// <summary>Publishes the latest progress of one execution every few seconds, which also renews its lease.</summary>
internal sealed class Heartbeat : IProgress<JobProgress>, IAsyncDisposable
{
    private readonly IBus _bus;
    private readonly ClaimLease _lease;
    private readonly UsageMeter _usage;
    private readonly ILogger _log;
    private readonly ResiliencePipeline _limit;
    private readonly CancellationTokenSource _stop = new();
    private readonly PeriodicTimer _timer;
    private readonly Task _loop;
    private volatile Progress _latest = new(0, "starting");

    public Heartbeat(
        IBus bus, ClaimLease lease, UsageMeter usage, WorkerOptions options, TimeProvider time, ILogger log)
    {
        (_bus, _lease, _usage, _log) = (bus, lease, usage, log);
        _limit = new ResiliencePipelineBuilder { TimeProvider = time }.AddTimeout(options.SendTimeout).Build();
        _timer = new PeriodicTimer(options.Heartbeat, time);
        _loop = LoopAsync();
    }

    public void Report(JobProgress value) =>
        _latest = new(double.IsFinite(value.Fraction) ? Math.Clamp(value.Fraction, 0, 1) : 0, value.Activity);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _timer.Dispose();
        _stop.Dispose();
    }

    private async Task LoopAsync()
    {
        // Heartbeats belong to no trace: there are too many of them.
        Activity.Current = null;
        try
        {
            do
                await PublishAsync(_latest);
            while (await _timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    private async Task PublishAsync(Progress progress)
    {
        try
        {
            var beat = new JobProgressed(
                _lease.RunId, _lease.JobId, _lease.Attempt, _lease.ExecutionId, progress.Fraction, progress.Activity,
                _usage.Read());
            await _limit.ExecuteAsync(async token => await _bus.Publish(beat, token), _stop.Token);
        }
        catch (Exception exception) when (!_stop.IsCancellationRequested)
        {
            // A missed heartbeat is no reason to stop the work: the lease outlives several of them.
            _log.LogWarning(
                "Heartbeat for {JobId} could not be sent: {Reason}", _lease.JobId, exception.Message);
        }
    }

    private sealed record Progress(double Fraction, string Activity);
}
