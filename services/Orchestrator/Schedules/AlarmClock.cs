using System.Text.Json;
using Microsoft.Data.Sqlite;
using Mlops.Orchestrator.History;
using Quartz;
using Quartz.Extensibility;

namespace Mlops.Orchestrator.Schedules;

/// <summary>
/// Quartz with its tables in a file of its own: keeps the schedules, and rings once at each next planned time. What a
/// ring means is decided elsewhere, out of what is written down, so a ring too many or too few does no harm.
/// </summary>
public sealed class AlarmClock : IAsyncDisposable
{
    private const string Group = "schedules", Definition = "definition";

    private readonly string _file;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private Func<string, CancellationToken, Task> _ring = (_, _) => Task.CompletedTask;
    private IScheduler? _scheduler;

    /// <summary>An alarm clock that is quiet until it is started.</summary>
    public AlarmClock(OrchestratorOptions options, RunHistory history, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(history);
        (_file, _time) = (Path.GetFullPath(options.SchedulesFile), time);
    }

    /// <summary>From now on rings for every schedule at its next time.</summary>
    public async Task StartAsync(Func<string, CancellationToken, Task> ring, CancellationToken cancellationToken)
    {
        _ring = ring;
        await (await OpenAsync(cancellationToken)).Start(cancellationToken);
    }

    /// <summary>Rings no more; waits for a ring that is being answered.</summary>
    public async Task StopAsync()
    {
        if (_scheduler is { Status: not SchedulerStatus.Shutdown } scheduler)
            await scheduler.Shutdown(waitForJobsToComplete: true, CancellationToken.None);
    }

    /// <summary>All schedules, by name.</summary>
    public async Task<IReadOnlyList<ScheduleDefinition>> AllAsync(CancellationToken cancellationToken)
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
    public async Task<bool> AddAsync(
        ScheduleDefinition schedule, DateTimeOffset first, CancellationToken cancellationToken)
    {
        var scheduler = await OpenAsync(cancellationToken);
        try
        {
            await scheduler.ScheduleJob(
                Job(schedule), Alarm(schedule.Name, first), default(ScheduleJobOptions), cancellationToken);
            return true;
        }
        catch (ObjectAlreadyExistsException)
        {
            return false;
        }
    }

    /// <summary>Keeps a changed schedule in place of the old one; its alarm stays.</summary>
    public async Task ReplaceAsync(ScheduleDefinition schedule, CancellationToken cancellationToken) =>
        await (await OpenAsync(cancellationToken)).AddJob(
            Job(schedule), AddJobOptions.Replacing, cancellationToken);

    /// <summary>Forgets a schedule.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> RemoveAsync(string name, CancellationToken cancellationToken) =>
        await (await OpenAsync(cancellationToken)).DeleteJob(Key(name), cancellationToken);

    /// <summary>Rings for a schedule at this time, besides the alarms it has.</summary>
    public async Task SetAsync(string name, DateTimeOffset at, CancellationToken cancellationToken) =>
        await (await OpenAsync(cancellationToken)).ScheduleJob(
            Alarm(name, at), ScheduleJobOptions.Replacing, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _opening.Dispose();
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
            quartz.UseJobFactory(new Bells(this));
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

    private static IJobDetail Job(ScheduleDefinition schedule) => JobBuilder.Create<Bell>()
        .WithIdentity(Key(schedule.Name)).StoreDurably()
        .UsingJobData(Definition, JsonSerializer.Serialize(schedule, RowMapping.Json)).Build();

    private static ITrigger Alarm(string name, DateTimeOffset at) => TriggerBuilder.Create()
        .WithIdentity(FormattableString.Invariant($"{name} {at.ToUnixTimeMilliseconds()}"), Group)
        .ForJob(Key(name)).StartAt(at).Build();

    private static ScheduleDefinition Read(IJobDetail job) =>
        JsonSerializer.Deserialize<ScheduleDefinition>(job.JobDataMap.GetString(Definition)!, RowMapping.Json)!;

    private sealed class Bell(AlarmClock clock) : IJob
    {
        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
            await clock._ring(context.JobDetail.Key.Name, cancellationToken);
    }

    private sealed class Bells(AlarmClock clock) : IJobFactory
    {
        public ValueTask<JobScope> CreateJob(
            TriggerFiredBundle bundle, IScheduler scheduler, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new JobScope(new Bell(clock)));

        public ValueTask ReturnJob(JobScope job, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
