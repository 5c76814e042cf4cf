using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Orchestrator.History;

namespace Mlops.Orchestrator.Schedules;

/// <summary>
/// Brings alarms, ended runs and the start of the process together with the decision that each calls for.
/// </summary>
internal sealed class NightKeeper(
    AlarmClock clock, RunHistory history, OrchestratorOptions options, TimeProvider time, ILogger<NightKeeper> log)
    : IHostedService
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMinutes(1);

    // A planned time before this moment passed without a process that could have seen it. Ticks of UTC.
    private long _upSince = time.GetUtcNow().UtcTicks;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await LookAtAllAsync(again: options.BusForgets, cancellationToken);
        await clock.StartAsync(RingAsync, cancellationToken);
    }

    /// <summary>Decides for every schedule what is due, and sets its alarm.</summary>
    /// <param name="again">Whether commands on their way may be lost, so that they are sent again.</param>
    public async Task LookAtAllAsync(bool again, CancellationToken cancellationToken)
    {
        foreach (var schedule in await clock.AllAsync(cancellationToken))
        {
            await SettleAsync(schedule, again, cancellationToken);
            await LookAsync(schedule, cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => clock.StopAsync();

    /// <summary>A run has begun or ended: something may have waited for that.</summary>
    public async Task HearAsync(Guid runId, CancellationToken cancellationToken)
    {
        if (await history.FireOfAsync(runId, cancellationToken) is { } fire
            && await clock.FindAsync(fire.Schedule, cancellationToken) is { } schedule)
            await SettleAsync(schedule, again: false, cancellationToken);
    }

    /// <summary>A run was refused: its night is over.</summary>
    public async Task RefuseAsync(Guid runId, string reason, CancellationToken cancellationToken)
    {
        await history.ChangeFireAsync(
            runId,
            fire => fire.Outcome == FireOutcome.Started
                ? fire with { Outcome = FireOutcome.Refused, Reason = reason }
                : null,
            message: null, cancellationToken);
        await HearAsync(runId, cancellationToken);
    }

    private async Task RingAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            if (await clock.FindAsync(name, cancellationToken) is not { } schedule)
                return;
            await SettleAsync(schedule, again: false, cancellationToken);
            await LookAsync(schedule, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The boundary to the alarm clock, which would not ring again before the next night.
            log.LogError(exception, "The night of schedule {Schedule} could not be decided; trying again soon", name);
            await clock.SetAsync(name, time.GetUtcNow() + RetryPause, cancellationToken);
        }
    }

    private async Task LookAsync(ScheduleDefinition schedule, CancellationToken cancellationToken)
    {
        var times = CronTimes.Of(schedule.Cron, schedule.Zone);
        var now = time.GetUtcNow();
        // A clock that was put back says when this process began, too.
        _upSince = Math.Min(_upSince, now.UtcTicks);
        var upSince = new DateTimeOffset(_upSince, TimeSpan.Zero);
        var decision = await history.DecideFiresAsync(
            schedule.Name, known => FireDecisions.Ring(schedule, times, known, upSince, now), cancellationToken);
        foreach (var fire in decision.Fires)
            log.LogInformation(
                "The night of {Planned} of schedule {Schedule} is {Outcome} as run {RunId}: {Reason}",
                DateTimeOffset.FromUnixTimeMilliseconds(fire.PlannedMs), fire.Schedule, fire.Outcome, fire.RunId,
                fire.Reason ?? "in time");
        if (times.After(now) is { } next)
            await clock.SetAsync(schedule.Name, next, cancellationToken);
    }

    private Task SettleAsync(ScheduleDefinition schedule, bool again, CancellationToken cancellationToken)
    {
        var times = CronTimes.Of(schedule.Cron, schedule.Zone);
        return history.DecideFiresAsync(
            schedule.Name, known => FireDecisions.Settle(schedule, times, known, again), cancellationToken);
    }
}
