using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Orchestrator.Handlers;
using Mlops.Orchestrator.Store;

namespace Mlops.Orchestrator.Schedules;

/// <summary>Decides the occurrences that are due, in one transaction with the runs that they start.</summary>
internal sealed class ScheduleRunner(
    ScheduleTimer timer, StateStore store, RunTransitions runs, TimeProvider time, ILogger<ScheduleRunner> log)
    : BackgroundService
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan CorrectionPeriod = TimeSpan.FromHours(1);

    // A planned time before this moment passed without a process that could have seen it. Ticks of UTC.
    private long _upSince = time.GetUtcNow().UtcTicks;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await CorrectAsync(cancellationToken);
        await timer.StartAsync(OnTriggeredAsync, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await timer.StopAsync();
    }

    /// <summary>Decides what is due, and sets triggers right that a clock which ran ahead has set too late.</summary>
    public async Task CorrectAsync(CancellationToken cancellationToken)
    {
        foreach (var schedule in await timer.ListAsync(cancellationToken))
        {
            await DecideAsync(schedule, time.GetUtcNow(), cancellationToken);
            await timer.CorrectAsync(schedule, cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var period = new PeriodicTimer(CorrectionPeriod, time);
        while (await period.WaitForNextTickAsync(stoppingToken))
            try
            {
                await CorrectAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The boundary to the disk: what was not done now is done in an hour.
                log.LogWarning(exception, "The schedules could not be checked; trying again in an hour");
            }
    }

    private async Task OnTriggeredAsync(string name, DateTimeOffset planned, CancellationToken cancellationToken)
    {
        try
        {
            // Quartz may be a moment early.
            if (await timer.FindAsync(name, cancellationToken) is { } schedule)
                await DecideAsync(
                    schedule, planned > time.GetUtcNow() ? planned : time.GetUtcNow(), cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The boundary to Quartz, which would not trigger again before the next planned time.
            log.LogError(exception, "Schedule {Schedule} could not be decided; trying again in a minute", name);
            await timer.RetryAsync(name, RetryPause, cancellationToken);
        }
    }

    private async Task DecideAsync(
        ScheduleDefinition schedule, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var cron = ScheduleCron.Parse(schedule.Cron, schedule.Zone);
        // A clock that was put back says when this process began, too.
        _upSince = Math.Min(_upSince, now.UtcTicks);
        var upSince = new DateTimeOffset(_upSince, TimeSpan.Zero);
        IReadOnlyList<Occurrence> occurrences = [];
        await store.TransactAsync(
            async transaction => occurrences = await runs.DecideAsync(
                transaction, schedule.Name,
                known => ScheduleDecisions.OnTriggered(schedule, cron, known, upSince, now), cancellationToken),
            cancellationToken);
        foreach (var occurrence in occurrences)
            log.LogInformation(
                "The run of {Planned} of schedule {Schedule} is {Outcome} as run {RunId}: {Reason}",
                occurrence.Planned, occurrence.Schedule, occurrence.Status, occurrence.RunId,
                occurrence.Reason ?? "in time");
    }
}
