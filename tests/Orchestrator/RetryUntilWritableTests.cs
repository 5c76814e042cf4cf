using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Contracts;
using Mlops.Contracts.Commands;
using Mlops.Contracts.Events;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Orchestrator;

/// <summary>A history that cannot be written for a while costs time and no message.</summary>
public sealed class RetryUntilWritableTests : IDisposable
{
    // Those of any queue: at once, and three more.
    private const int UsualTries = 4;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_command_that_cannot_be_written_down_waits_until_it_can()
    {
        await using var host = await TestHost.StartAsync(_folder.Path, FakeServices.Module(new FakeWork()));
        var bus = host.Services.GetRequiredService<IBus>();
        var run = Guid.NewGuid();
        await FullDisk.FillAsync(TestHost.HistoryOf(_folder.Path), "INSERT ON Runs");

        await bus.Publish(new StartRun(
            run, "random", new Dictionary<string, ObjectRef> { ["data"] = await host.DataAsync() },
            new Dictionary<string, string>()));
        await Eventually.TrueAsync(() => Task.FromResult(Tries(run) > UsualTries), "the command is tried once more");
        await FullDisk.FreeAsync(TestHost.HistoryOf(_folder.Path));

        await host.Received.FirstAsync<RunCompleted>(completed => completed.RunId == run);
    }

    // Each try says so in the log before it comes to the history.
    private int Tries(Guid run) => Directory.GetFiles(_folder.Path, "*.log", SearchOption.AllDirectories)
        .Sum(log => ReadShared(log).Split($"Run \"{run}\" of recipe").Length - 1);

    private static string ReadShared(string file)
    {
        using var reader = new StreamReader(
            new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd();
    }
}
