using Mlops.Platform.Hosting;

namespace Mlops.Orchestrator;

/// <summary>How runs are driven.</summary>
public sealed record OrchestratorOptions
{
    /// <summary>The SQLite file of runs and schedules; one process at a time may own it.</summary>
    public required string HistoryFile { get; init; }

    /// <summary>The settings of an orchestrator whose files are below a folder.</summary>
    public static OrchestratorOptions Under(string folder) => new()
    {
        HistoryFile = Path.Combine(folder, "history.db"),
    };

    /// <summary>
    /// Whether this process starts the runs of the schedules; one that comes and goes with a single run does not.
    /// </summary>
    public bool RunsSchedules { get; init; }

    /// <summary>How long a worker may send no heartbeat before its job is given to another.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Time between two looks at the leases.</summary>
    public TimeSpan WatchdogPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time between two lines of the log about how runs stand.</summary>
    public TimeSpan StatusLogPeriod { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Transient failures of one job that are tried again; one more ends the run.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>
    /// Leases of one job that may be lost; one more ends the run, because the job kills its workers.
    /// </summary>
    public int MaxLeaseLosses { get; init; } = 20;

    /// <summary>Wait before the first retry; doubles with each further one, up to five minutes.</summary>
    public TimeSpan BackOff { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The worker id of this very process when workers live in it: leases of that name are known to be dead at start.
    /// </summary>
    public string? LocalWorkerId { get; init; }

    /// <summary>
    /// Whether the bus forgets what is on its way when this process ends, so that commands are sent again at start. A
    /// broker keeps them.
    /// </summary>
    public bool BusForgets { get; init; } = true;

    /// <summary>What callers over HTTP must know; null if it is enough to reach us.</summary>
    public ApiKey? ApiKey { get; init; }
}
