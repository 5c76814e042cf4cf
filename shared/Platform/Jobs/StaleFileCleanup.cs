using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Platform.Hosting;

namespace Mlops.Platform.Jobs;

/// <summary>
/// Removes what a killed process left half done in its data folder, before the next one fills it again. Does nothing
/// while another process works in the same folder.
/// </summary>
internal sealed class StaleFileCleanup(
    PlatformOptions options, WorkerOptions worker, TimeProvider time, ILogger<StaleFileCleanup> log) : IHostedService
{
    // Commands that only import or fetch share these folders, and may be at it.
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private const int MaxPauses = 100;

    private FileStream? _shared;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(worker.WorkFolder);
        using (var exclusive = TryLock(FileAccess.Write, FileShare.None))
            if (exclusive is not null)
                Clean();
        // For as long as we live, so that no later process takes the folder for its own.
        for (var left = MaxPauses; (_shared = TryLock(FileAccess.Read, FileShare.Read)) is null && left > 0; left--)
            await Task.Delay(Pause, time, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _shared?.Dispose();
        return Task.CompletedTask;
    }

    private void Clean()
    {
        Remove(Directory.EnumerateDirectories(worker.WorkFolder), TimeSpan.Zero);
        Remove(Entries(options.Folder("cache"), "fetch-*"), Abandoned);
        Remove(Entries(Path.Combine(options.Folder("objects"), "tmp"), "*"), Abandoned);
    }

    // A lock dies with its process.
    private FileStream? TryLock(FileAccess access, FileShare share)
    {
        try
        {
            return new FileStream($"{worker.WorkFolder}.lock", FileMode.OpenOrCreate, access, share);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Entries(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder, pattern) : [];

    private void Remove(IEnumerable<string> entries, TimeSpan age)
    {
        var before = time.GetUtcNow().UtcDateTime - age;
        foreach (var entry in entries.Where(entry => Directory.GetLastWriteTimeUtc(entry) <= before).ToList())
            Remove(entry);
    }

    private void Remove(string entry)
    {
        try
        {
            if (Directory.Exists(entry))
                Directory.Delete(entry, recursive: true);
            else
                File.Delete(entry);
            log.LogInformation("Removed {Entry}, which an earlier process left unfinished", entry);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            log.LogWarning("{Entry} was left unfinished and cannot be removed: {Reason}", entry, exception.Message);
        }
    }
}
