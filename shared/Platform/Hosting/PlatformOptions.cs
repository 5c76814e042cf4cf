using Mlops.Platform.Jobs;

namespace Mlops.Platform.Hosting;

/// <summary>Where a process keeps its files and how it works.</summary>
public sealed record PlatformOptions
{
    /// <summary>Objects, local copies, work in progress, history and logs live below it.</summary>
    public required string DataFolder { get; init; }

    /// <summary>How jobs are executed; the work folder is always below <see cref="DataFolder"/>.</summary>
    public WorkerOptions Worker { get; init; } = new();

    /// <summary>
    /// Whether log lines also go to the console; a program with its own display keeps them in the file.
    /// </summary>
    public bool LogToConsole { get; init; } = true;

    internal string Folder(string name) => Path.Combine(Path.GetFullPath(DataFolder), name);
}
