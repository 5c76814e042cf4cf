namespace Mlops.Platform.Telemetry;

/// <summary>
/// A folder for the lines that Seq does not have yet. It belongs to one process at a time and not to one process for
/// ever: the next one sends what a killed one left.
/// </summary>
internal sealed class SeqBuffer : IDisposable
{
    private readonly FileStream _lock;

    private SeqBuffer(string folder, FileStream @lock) => (Folder, _lock) = (folder, @lock);

    /// <summary>Where.</summary>
    public string Folder { get; }

    /// <summary>Takes the first folder below this one that no living process has.</summary>
    public static SeqBuffer Take(string below)
    {
        for (var number = 0; ; number++)
        {
            var folder = Path.Combine(below, $"{number}");
            var file = Path.Combine(Directory.CreateDirectory(folder).FullName, "lock");
            try
            {
                return new(folder, new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None));
            }
            catch (IOException) when (File.Exists(file))
            {
                // Another process has it.
            }
        }
    }

    /// <summary>Lets another process have it.</summary>
    public void Dispose() => _lock.Dispose();
}
