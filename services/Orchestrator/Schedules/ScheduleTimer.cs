using System.Text.Json;
using Microsoft.Data.Sqlite;
using Mlops.Orchestrator.Store;
using Quartz;
using Quartz.Extensibility;

namespace Mlops.Orchestrator.Schedules;

/// <summary>
/// Quartz, with its tables in the file of the store: keeps the schedules, and triggers each at the times of its cron
/// expression. Triggers that were missed come as one; what a trigger means is decided elsewhere, out of what is written
/// down.
/// </summary>
public sealed class ScheduleTimer : IAsyncDisposable
{
    private const string Group = "schedules", Definition = "definition";

    private readonly string _file;
    private readonly TimeProvider _time;
    private readonly IDisposable _zones = ScheduleZone.Register();
    private readonly SemaphoreSlim _opening = new(1, 1);
    private Func<string, DateTimeOffset, CancellationToken, Task> _onTriggered = (_, _, _) => Task.CompletedTask;
    private IScheduler? _scheduler;

    /// <summary>A timer that stands still until it is started.</summary>
    /// <param name="store">Its owner is the only process that may have Quartz in it.</param>
    public ScheduleTimer(OrchestratorOptions options, StateStore store, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(store);
        (_file, _time) = (Path.GetFullPath(options.HistoryFile), time);
    }

    /// <summary>From now on triggers every schedule at its times.</summary>
    /// <param name="onTriggered">Gets the name of the schedule and the time that Quartz triggered it for.</param>
    public async Task StartAsync(
        Func<string, DateTimeOffset, CancellationToken, Task> onTriggered, CancellationToken cancellationToken)
    {
        _onTriggered = onTriggered;
        await (await OpenAsync(cancellationToken)).Start(cancellationToken);
    }

    /// <summary>Triggers no more; waits for the one that is being handled.</summary>
    public async Task StopAsync()
    {
        if (_scheduler is { Status: not SchedulerStatus.Shutdown } scheduler)
            await scheduler.Shutdown(waitForJobsToComplete: true, CancellationToken.None);
    }

    /// <summary>All schedules, by name.</summary>
    public async Task<IReadOnlyList<ScheduleDefinition>> ListAsync(CancellationToken cancellationToken)
    {
        var scheduler = await OpenAsync(cancellationToken);
        var keys = await scheduler.GetJobKeys(GroupMatcher<JobKey>.GroupEquals(Group), cancellationToken);
        var jobs = await scheduler.GetJobDetails(keys, cancellationToken);
        return [.. jobs.Select(Read).OrderBy(each => each.Name, StringComparer.Ordinal)];
    }

    /// <summary>The schedule of a name; null if there is none.</summary>
    public async Task<ScheduleDefinition?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var scheduler = await OpenAsync(cancellationToken);
        return await scheduler.GetJobDetail(Key(name), cancellationToken) is { } job ? Read(job) : null;
    }

    /// <summary>Keeps a schedule.</summary>
    /// <returns>False if there is one of that name already; it stays as it is.</returns>
    public async Task<bool> AddAsync(ScheduleDefinition schedule, CancellationToken cancellationToken)
    {
        var scheduler = await OpenAsync(cancellationToken);
        try
        {
            await scheduler.ScheduleJob(
                Job(schedule), Cron(schedule), default(ScheduleJobOptions), cancellationToken);
            return true;
        }
        catch (ObjectAlreadyExistsException)
        {
            return false;
        }
    }

    /// <summary>Keeps a changed schedule in place of the old one; its trigger stays.</summary>
    public async Task ReplaceAsync(ScheduleDefinition schedule, CancellationToken cancellationToken) =>
        await (await OpenAsync(cancellationToken)).AddJob(
            Job(schedule), AddJobOptions.Replacing, cancellationToken);

    /// <summary>Forgets a schedule.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> RemoveAsync(string name, CancellationToken cancellationToken) =>
        await (await OpenAsync(cancellationToken)).DeleteJob(Key(name), cancellationToken);

    /// <summary>Triggers a schedule once more after a pause, besides its cron trigger.</summary>
    public async Task RetryAsync(string name, TimeSpan pause, CancellationToken cancellationToken) =>
        await (await OpenAsync(cancellationToken)).ScheduleJob(
            TriggerBuilder.Create(_time).WithIdentity($"{name} retry", Group).ForJob(Key(name))
                .StartAt(_time.GetUtcNow() + pause).Build(),
            ScheduleJobOptions.Replacing, cancellationToken);

    /// <summary>Sets a trigger anew that comes later than it should: a clock that ran ahead has set it.</summary>
    public async Task CorrectAsync(ScheduleDefinition schedule, CancellationToken cancellationToken)
    {
        var scheduler = await OpenAsync(cancellationToken);
        var trigger = Cron(schedule);
        var next = ScheduleCron.Parse(schedule.Cron, schedule.Zone).GetNextValidTimeAfter(_time.GetUtcNow());
        if (await scheduler.GetTrigger(trigger.Key, cancellationToken) is { } set && set.NextFireTimeUtc > next)
            await scheduler.RescheduleJob(trigger.Key, trigger, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _opening.Dispose();
        _zones.Dispose();
    }

    private async Task<IScheduler> OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            return _scheduler ??= await BuildAsync(cancellationToken);
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task<IScheduler> BuildAsync(CancellationToken cancellationToken)
    {
        var file = new SqliteConnectionStringBuilder { DataSource = _file };
        return await QuartzSchedulerBuilder.Create(quartz =>
        {
            // Names are looked up in the whole process, where tests have several.
            quartz.ConfigureScheduler(scheduler => scheduler.InstanceName = _file);
            quartz.UseTimeProvider(_time);
            quartz.UseDefaultThreadPool(1);
            quartz.UseJobFactory(new JobFactory(this));
            quartz.UsePersistentStore(store =>
            {
                store.UseSqlite(SqliteFactory.Instance, file.ToString());
                store.UseSystemTextJsonSerializer();
                store.ProvisionSchema();
                store.ConfigureStore(each => each.StoreJobDataAsStrings = true);
            });
        }).BuildScheduler(cancellationToken);
    }

    private static JobKey Key(string name) => new(name, Group);

    // Recovery: a process that dies while it handles a trigger handles it after its restart.
    private static IJobDetail Job(ScheduleDefinition schedule) => JobBuilder.Create<ScheduleJob>()
        .WithIdentity(Key(schedule.Name)).StoreDurably().RequestRecovery()
        .UsingJobData(Definition, JsonSerializer.Serialize(schedule, StoreJson.Options)).Build();

    private ITrigger Cron(ScheduleDefinition schedule) => TriggerBuilder.Create(_time)
        .WithIdentity(schedule.Name, Group).ForJob(Key(schedule.Name)).StartAt(_time.GetUtcNow())
        .WithSchedule(CronScheduleBuilder.Create(ScheduleCron.Parse(schedule.Cron, schedule.Zone))
            .WithMisfireInstruction(CronTriggerMisfireInstruction.FireAndProceed))
        .Build();

    private static ScheduleDefinition Read(IJobDetail job) =>
        JsonSerializer.Deserialize<ScheduleDefinition>(job.JobDataMap.GetString(Definition)!, StoreJson.Options)!;

    private sealed class ScheduleJob(ScheduleTimer timer) : IJob
    {
        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
            await timer._onTriggered(
                context.JobDetail.Key.Name, context.ScheduledFireTimeUtc ?? context.FireTimeUtc, cancellationToken);
    }

    private sealed class JobFactory(ScheduleTimer timer) : IJobFactory
    {
        public ValueTask<JobScope> CreateJob(
            TriggerFiredBundle bundle, IScheduler scheduler, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new JobScope(new ScheduleJob(timer)));

        public ValueTask ReturnJob(JobScope job, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
