using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Platform.Hosting;

namespace Mlops.Platform.Jobs;

/// <summary>
/// Removes what a killed process left half done in its data folder, before the next one fills it again. Does nothing
/// while another process works in the same folder.
/// </summary>
/// <param name="options">Names the folder.</param>
/// <param name="worker">Names the folder of work in progress.</param>
/// <param name="time">Tells old from new.</param>
/// <param name="log">Says what it was.</param>
internal sealed class Leftovers(
    PlatformOptions options, WorkerOptions worker, TimeProvider time, ILogger<Leftovers> log) : IHostedService
{
    // Commands that only bring or fetch share these folders, and may be at it.
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private FileStream? _lock;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(worker.WorkFolder);
        if (!TryLock())
            return Task.CompletedTask;
        Remove(Directory.EnumerateDirectories(worker.WorkFolder), TimeSpan.Zero);
        Remove(Entries(options.Folder("cache"), "fetch-*"), Abandoned);
        Remove(Entries(Path.Combine(options.Folder("objects"), "tmp"), "*"), Abandoned);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _lock?.Dispose();
        return Task.CompletedTask;
    }

    // The lock dies with its process.
    private bool TryLock()
    {
        try
        {
            _lock = new FileStream(
                $"{worker.WorkFolder}.lock", FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Entries(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder, pattern) : [];

    private void Remove(IEnumerable<string> entries, TimeSpan age)
    {
        var before = time.GetUtcNow().UtcDateTime - age;
        foreach (var entry in entries.Where(entry => Directory.GetLastWriteTimeUtc(entry) <= before).ToList())
        {
            log.LogInformation("Removing {Entry}, which an earlier process left unfinished", entry);
            if (Directory.Exists(entry))
                Directory.Delete(entry, recursive: true);
            else
                File.Delete(entry);
        }
    }
}
