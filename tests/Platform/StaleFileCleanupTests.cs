using Mlops.Contracts.Events;
using Mlops.Tests.Orchestrator.Support;
using Mlops.Tests.Support;

namespace Mlops.Tests.Platform;

/// <summary>What a kill leaves in the data folder of a worker does not pile up.</summary>
public sealed class StaleFileCleanupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task The_next_process_removes_what_is_half_done_and_keeps_files_that_may_be_in_use()
    {
        var work = Make("work/0123", days: 0);
        var (oldFetch, newFetch) = (Make("cache/fetch-old", days: 2), Make("cache/fetch-new", days: 0));
        var (oldPut, newPut) = (Make("objects/tmp/old", days: 2), Make("objects/tmp/new", days: 0));
        var kept = Make("cache/0123", days: 400);

        await using var host = await TestHost.StartAsync(_folder.Path, FakeServices.Module(new FakeWork()));

        Assert.Equal(
            (false, false, true, false, true, true),
            (Directory.Exists(work), Directory.Exists(oldFetch), Directory.Exists(newFetch), Directory.Exists(oldPut),
                Directory.Exists(newPut), Directory.Exists(kept)));
    }

    [Fact]
    public async Task A_folder_that_another_process_works_in_is_left_alone()
    {
        var half = new TaskCompletionSource<string>();
        var goOn = new TaskCompletionSource();
        var work = new FakeWork();
        work.Instead["scores"] = async (job, folder, token) =>
        {
            half.SetResult(folder);
            await goOn.Task.WaitAsync(token);
            await FakeWork.WriteInputsAsync(job, folder, token);
        };
        await using var first = await TestHost.StartAsync(_folder.Path, FakeServices.Module(work));
        await first.SubmitAsync("magnitude");
        var folder = await half.Task;

        // Also not when the first to come has gone: the third must not take the folder for its own.
        await using (await OtherAsync("second.db"))
            Assert.True(Directory.Exists(folder));
        await using var third = await OtherAsync("third.db");

        Assert.True(Directory.Exists(folder));
        goOn.SetResult();
        await first.Received.FirstAsync<RunCompleted>();
    }

    [Fact]
    public async Task Who_comes_second_is_not_disturbed_when_the_first_is_gone()
    {
        var unfinished = _folder.File("work/of-the-second");
        var first = await OtherAsync("first.db");
        await using var second = await OtherAsync("second.db");
        Directory.CreateDirectory(unfinished);
        await first.DisposeAsync();

        await using var third = await OtherAsync("third.db");

        Assert.True(Directory.Exists(unfinished));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A process with other runs, so that nothing but the folder of work is shared.</summary>
    private Task<TestHost> OtherAsync(string history) => TestHost.StartAsync(
        _folder.Path, FakeServices.Module(new FakeWork()),
        change: options => options with { HistoryFile = _folder.File(history) });

    private string Make(string path, int days)
    {
        var folder = _folder.File(path);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "file"), "half");
        Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow.AddDays(-days));
        return folder;
    }
}
