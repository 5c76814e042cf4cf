using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts;
using Mlops.Orchestrator.History;
using Mlops.Orchestrator.Schedules;
using Mlops.Platform.Configuration;
using Mlops.Platform.Hosting;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator.Schedules;

/// <summary>A host that keeps schedules, with real Quartz and SQLite, and a clock that the test moves.</summary>
internal sealed class NightHost : IAsyncDisposable
{
    private readonly TestHost _host;

    private NightHost(TestHost host, ManualTime time) => (_host, Time) = (host, time);

    public ManualTime Time { get; }

    public Heard Heard => _host.Heard;

    public ScheduleBook Book => _host.Services.GetRequiredService<ScheduleBook>();

    public TService Get<TService>() where TService : notnull => _host.Services.GetRequiredService<TService>();

    public static async Task<NightHost> StartAsync(
        TemporaryFolder folder, FakeWork work, ManualTime time, Connections? connections = null) => new(
        await TestHost.StartAsync(
            folder.Path, FakeServices.Module(work), time,
            // Workers beat by a clock that jumps from night to night.
            change: options => options with { KeepsSchedules = true, Lease = TimeSpan.FromDays(100) },
            connections: connections),
        time);

    /// <summary>Adds a schedule at 02:30 UTC of the recipe <c>random</c>.</summary>
    public async Task AddAsync(string name, Func<ScheduleDefinition, ScheduleDefinition>? change = null)
    {
        var data = await _host.DataAsync();
        var schedule = new ScheduleDefinition(
            name, "30 2 * * *", "UTC", "random", new Dictionary<string, ObjectRef> { ["data"] = data },
            new Dictionary<string, string>());
        await Book.AddAsync((change ?? (same => same))(schedule), default);
    }

    /// <summary>Moves the clock to the next planned time, and past it.</summary>
    public async Task NightAsync(string name, TimeSpan past = default)
    {
        var next = (await Book.NextAsync(name, 1, default))[0];
        Time.Advance(next - Time.GetUtcNow() + TimeSpan.FromSeconds(1) + past);
    }

    /// <summary>What is known of the nights of a schedule, newest first.</summary>
    public async Task<List<Fire>> FiresAsync(string name) =>
        [.. (await Get<RunHistory>().FiresAsync(name, 100, default)).Select(each => each.Fire)];

    /// <summary>The latest night, once it fits: deciding it takes a moment after the alarm.</summary>
    public async Task<Fire> DecidedAsync(string name, Func<Fire, bool> fits)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if ((await FiresAsync(name)).FirstOrDefault() is { } latest && fits(latest))
                return latest;
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
