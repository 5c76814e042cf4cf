using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Mlops.Platform.Hosting;
using Mlops.Platform.Jobs;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Platform;

public sealed class IdleTimeTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Candidates_of_others_are_work_too_however_short()
    {
        using var host = await StartAsync();
        var (compute, done) = (host.Services.GetRequiredService<ComputeSlot>(), new TaskCompletionSource<bool>());
        var idle = ActivatorUtilities.CreateInstance<IdleTime>(host.Services);
        Assert.Equal(Second, LookLater(idle));

        var candidate = compute.RunAsync(() => done.Task, default);
        Assert.Equal(TimeSpan.Zero, LookLater(idle));
        Assert.Equal(TimeSpan.Zero, LookLater(idle));
        done.SetResult(true);
        await candidate;
        Assert.Equal(Second, LookLater(idle));

        await compute.RunAsync(() => Task.FromResult(true), default);
        Assert.Equal(TimeSpan.Zero, LookLater(idle));
        Assert.Equal(Second, LookLater(idle));
        Assert.Equal(2 * Second, LookLater(idle));
        await host.EndAsync();
    }

    private TimeSpan LookLater(IdleTime idle)
    {
        _time.Advance(Second);
        return idle.Look();
    }

    private async Task<IHost> StartAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.Services.AddMlops(
            new PlatformOptions { DataFolder = _folder.Path, LogToConsole = false },
            FakeServices.Module(new FakeWork()));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
