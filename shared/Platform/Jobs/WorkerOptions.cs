namespace Mlops.Platform.Jobs;

/// <summary>How a process executes jobs.</summary>
public sealed record WorkerOptions
{
    /// <summary>
    /// Names the process in lease claims. A claim with the same name takes over at once, so a restarted process should
    /// have its old name, and no two living processes may share one.
    /// </summary>
    public string WorkerId { get; init; } = $"{Environment.MachineName}:{Environment.ProcessId}";

    /// <summary>Where outputs are written before they are stored; emptied after each job.</summary>
    public string WorkFolder { get; init; } = Path.Combine(Path.GetTempPath(), "mlops");

    /// <summary>Time between two signs of life; a small part of the lease.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an answer to a claim may take before it is asked again.</summary>
    public TimeSpan ClaimTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long to wait for a lease that somebody else holds, then the message is a duplicate and is dropped.
    /// </summary>
    public TimeSpan HeldPatience { get; init; } = TimeSpan.FromSeconds(90);
}
