using Microsoft.Extensions.Configuration;
using Mlops.Platform.Configuration;
using Mlops.Platform.Jobs;

namespace Mlops.Platform.Hosting;

/// <summary>Where a process keeps its files, whom it talks to and how it works.</summary>
public sealed record PlatformOptions
{
    /// <summary>Objects, local copies, work in progress, history and logs live below it.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The servers it talks to; none means bus, store and telemetry of its own.</summary>
    public Connections Connections { get; init; } = new();

    /// <summary>How jobs are executed; the work folder is always below <see cref="DataFolder"/>.</summary>
    public WorkerOptions Worker { get; init; } = new();

    /// <summary>
    /// Whether log lines also go to the console; a program with its own display keeps them in the file.
    /// </summary>
    public bool LogToConsole { get; init; } = true;

    /// <summary>Reads <c>MLOPS_HOME</c>, the connections and the settings of the worker.</summary>
    /// <exception cref="ArgumentException">A variable is missing or cannot be read.</exception>
    public static PlatformOptions From(IConfiguration settings) => new()
    {
        DataFolder = settings.Text("MLOPS_HOME") ?? ".mlops",
        Connections = Connections.From(settings),
        Worker = WorkerOptions.From(settings),
    };

    internal string Folder(string name) => Path.Combine(Path.GetFullPath(DataFolder), name);
}
