using Microsoft.Extensions.Configuration;
using Mlops.Platform.Configuration;

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

    /// <summary>Period of the heartbeat; a small part of the lease.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an answer to a claim may take before it is asked again.</summary>
    public TimeSpan ClaimTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the bus may take for a message before it is sent again. RabbitMQ's client waits for ever for the
    /// confirmation of a message that it wrote in the moment in which it lost the broker, though it has another
    /// connection seconds later (rabbitmq-dotnet-client, issue 1930).
    /// </summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long to wait for a lease that somebody else holds, then the message is a duplicate and is dropped.
    /// </summary>
    public TimeSpan LeaseWaitTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>What the work computes on: <c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>; a process that
    /// computes puts the name of a device that is there in its place when it starts.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>
    /// Whether commands wait on a broker, which gives one that was not begun to another process; those of the bus
    /// inside a process end with it.
    /// </summary>
    public bool HasDurableQueues { get; init; }

    /// <summary>
    /// A process that had no job for so long ends by itself, for clusters that start one whenever there is work; null
    /// keeps it waiting.
    /// </summary>
    public TimeSpan? ExitWhenIdle { get; init; }

    /// <summary>Reads <c>MLOPS_WORKER_ID</c>, <c>MLOPS_DEVICE</c> and <c>MLOPS_EXIT_WHEN_IDLE</c> (seconds).</summary>
    /// <exception cref="ArgumentException">A value that cannot be read.</exception>
    public static WorkerOptions From(IConfiguration settings)
    {
        var options = new WorkerOptions();
        return options with
        {
            WorkerId = settings.Text("MLOPS_WORKER_ID") ?? options.WorkerId,
            Device = settings.Text("MLOPS_DEVICE") ?? options.Device,
            ExitWhenIdle = settings.Seconds("MLOPS_EXIT_WHEN_IDLE"),
        };
    }
}
