namespace Mlops.Platform.Telemetry;

/// <summary>
/// Every name under which something leaves the process. Dashboards, signals and alerts in <c>infra/seq</c> refer to
/// these, so a change here is a change there.
/// </summary>
public static class TelemetryNames
{
    /// <summary>Source of the spans of jobs.</summary>
    public const string Spans = "Mlops.Jobs";

    /// <summary>Meter of all our metrics.</summary>
    public const string Meter = "Mlops";

    // Properties of log lines and spans.
    public const string Span = "Span";
    public const string RunId = "RunId", JobId = "JobId", Attempt = "Attempt", Kind = "Kind", WorkerId = "WorkerId";
    public const string MessageType = "MessageType", MessageId = "MessageId";
    public const string ConversationId = "ConversationId", CorrelationId = "CorrelationId";
    public const string Outcome = "Outcome", Seconds = "Seconds", Cached = "Cached", Status = "Status";
    public const string CpuSeconds = "CpuSeconds", GpuSeconds = "GpuSeconds";
    public const string BytesRead = "BytesRead", BytesWritten = "BytesWritten";

    // Spans of an attempt, in the order of its life.
    public const string Dispatch = "dispatch", QueueWait = "queue wait", Claim = "claim", Execute = "execute";
    public const string Fetch = "fetch", Compute = "compute", Store = "store", Announce = "announce";
    public const string Accept = "accept";

    // Metrics. Units are in their definitions.
    public const string Jobs = "mlops.jobs", JobDuration = "mlops.job.duration", QueueTime = "mlops.queue.time";
    public const string QueueAge = "mlops.queue.age", LiveLeases = "mlops.leases.live";
    public const string HeartbeatAge = "mlops.heartbeat.age";
    public const string LostLeases = "mlops.leases.lost", Runs = "mlops.runs", OutboxLength = "mlops.outbox.length";
    public const string CpuTime = "mlops.cpu.time", GpuTime = "mlops.gpu.time";
    public const string BytesReadMetric = "mlops.bytes.read", BytesWrittenMetric = "mlops.bytes.written";
}
