using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts;
using Mlops.Orchestrator.Schedules;
using Mlops.Orchestrator.Store;
using Mlops.Platform.Configuration;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator.Schedules;

/// <summary>A host that keeps schedules, with real Quartz and SQLite, and a clock that the test moves.</summary>
internal sealed class ScheduleHost : IAsyncDisposable
{
    private readonly TestHost _host;

    private ScheduleHost(TestHost host, ManualTime time) => (_host, Time) = (host, time);

    public ManualTime Time { get; }

    public Received Received => _host.Received;

    public ScheduleService Schedules => _host.Services.GetRequiredService<ScheduleService>();

    public TService Get<TService>() where TService : notnull => _host.Services.GetRequiredService<TService>();

    public static async Task<ScheduleHost> StartAsync(
        TemporaryFolder folder, FakeWork work, ManualTime time, Connections? connections = null) => new(
        await TestHost.StartAsync(
            folder.Path, FakeServices.Module(work), time,
            // Workers send heartbeats by a clock that jumps from day to day.
            change: options => options with { RunsSchedules = true, Lease = TimeSpan.FromDays(100) },
            connections: connections),
        time);

    /// <summary>Adds a schedule at 02:30 UTC of the recipe <c>random</c>.</summary>
    public async Task AddAsync(string name, Func<ScheduleDefinition, ScheduleDefinition>? change = null)
    {
        var data = await _host.DataAsync();
        var schedule = new ScheduleDefinition(
            name, "30 2 * * *", "UTC", "random", new Dictionary<string, ObjectRef> { ["data"] = data },
            new Dictionary<string, string>());
        await Schedules.AddAsync((change ?? (same => same))(schedule), default);
    }

    /// <summary>Moves the clock to the next planned time, and past it.</summary>
    public async Task TriggerAsync(string name, TimeSpan past = default)
    {
        var next = (await Schedules.NextAsync(name, 1, default))[0];
        Time.Advance(next - Time.GetUtcNow() + TimeSpan.FromSeconds(1) + past);
    }

    /// <summary>What is known of the occurrences of a schedule, newest first.</summary>
    public async Task<List<Occurrence>> OccurrencesAsync(string name) =>
        [.. (await Get<ScheduleStore>().ListAsync(name, 100, default)).Select(each => each.Occurrence)];

    /// <summary>The latest occurrence, once it fits: deciding it takes a moment after the trigger.</summary>
    public async Task<Occurrence> DecidedAsync(string name, Func<Occurrence, bool> fits)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            if ((await OccurrencesAsync(name)).FirstOrDefault() is { } latest && fits(latest))
                return latest;
            timeout.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
