using System.Diagnostics;
using System.Diagnostics.Metrics;
using Mlops.Contracts;
using Mlops.Contracts.Commands;

namespace Mlops.Platform.Telemetry;

/// <summary>Spans and metrics of jobs. Without a receiver nothing is made and nothing is kept.</summary>
public static class JobTelemetry
{
    private static readonly ActivitySource Source = new(TelemetryNames.Spans);
    private static readonly Meter Meter = new(TelemetryNames.Meter);

    private static readonly Counter<long> Jobs = Meter.CreateCounter<long>(
        TelemetryNames.Jobs, "{execution}", "Executions that ended, by kind and outcome");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>(
        TelemetryNames.JobDuration, "s", "Wall time of an execution");

    private static readonly Histogram<double> QueueTime = Meter.CreateHistogram<double>(
        TelemetryNames.QueueTime, "s", "From sending a job's command to its delivery");

    private static readonly Counter<long> LostLeases = Meter.CreateCounter<long>(
        TelemetryNames.LostLeases, "{lease}", "Leases that expired because their worker sent no heartbeat");

    private static readonly Counter<double> CpuTime = Meter.CreateCounter<double>(
        TelemetryNames.CpuTime, "s", "Processor time of executions that ended");

    private static readonly Counter<double> GpuTime = Meter.CreateCounter<double>(
        TelemetryNames.GpuTime, "s", "Time for which executions that ended had an accelerator");

    private static readonly Counter<long> BytesRead = Meter.CreateCounter<long>(
        TelemetryNames.BytesReadMetric, "By", "What executions that ended had from the object store");

    private static readonly Counter<long> BytesWritten = Meter.CreateCounter<long>(
        TelemetryNames.BytesWrittenMetric, "By", "What executions that ended gave to the object store");

    /// <summary>
    /// Begins a span of an attempt: in its trace, below the current span if that is in the trace too.
    /// </summary>
    public static Activity? Start(string name, Guid runId, string jobId, int attempt)
    {
        if (!Source.HasListeners())
            return null;
        var trace = AttemptTrace.Of(runId, jobId, attempt);
        var parent = Activity.Current is { } current && current.TraceId == trace.TraceId ? current.Context : trace;
        return Named(Source.StartActivity(name, ActivityKind.Internal, parent), name, runId, jobId, attempt);
    }

    /// <summary>Begins a span of an execution.</summary>
    public static Activity? Start(string name, ClaimLease claim) =>
        Start(name, claim.RunId, claim.JobId, claim.Attempt);

    /// <summary>Begins a span of the same attempt as the current one; none outside of attempts.</summary>
    public static Activity? StartBelow(string name) => Activity.Current is { } parent
        ? Named(
            Source.StartActivity(name), name, parent.GetTagItem(TelemetryNames.RunId),
            parent.GetTagItem(TelemetryNames.JobId), parent.GetTagItem(TelemetryNames.Attempt))
        : null;

    /// <summary>
    /// Begins the trace of an attempt where its command is sent, with links to the run and to the attempt before.
    /// </summary>
    public static Activity? StartDispatch(Guid runId, JobOrder order)
    {
        if (!Source.HasListeners())
            return null;
        List<ActivityLink> links = [new(AttemptTrace.Of(runId))];
        if (order.Attempt > 1)
            links.Add(new(AttemptTrace.Of(runId, order.JobId, order.Attempt - 1)));
        var root = AttemptTrace.Root(AttemptTrace.Of(runId, order.JobId, order.Attempt));
        var span = Source.StartActivity(TelemetryNames.Dispatch, ActivityKind.Producer, root, links: links);
        return Named(span, TelemetryNames.Dispatch, runId, order.JobId, order.Attempt);
    }

    /// <summary>Begins a span in the trace of a run: an event that concerns the run as a whole.</summary>
    public static Activity? StartEvent(string name, Guid runId)
    {
        if (!Source.HasListeners())
            return null;
        var span = Source.StartActivity(name, ActivityKind.Producer, AttemptTrace.Root(AttemptTrace.Of(runId)));
        return Named(span, name, runId, jobId: null, attempt: null);
    }

    /// <summary>Tells how long a command lay in its queue; for a second delivery that includes the first.</summary>
    public static void Delivered(Guid runId, JobOrder order, string kind, DateTime? sent)
    {
        var now = DateTime.UtcNow;
        // Clocks of two machines differ.
        var since = sent is { } time && time < now ? time : now;
        QueueTime.Record((now - since).TotalSeconds, KindTag(kind));
        using var wait = Start(TelemetryNames.QueueWait, runId, order.JobId, order.Attempt);
        wait?.SetStartTime(since).SetTag(TelemetryNames.Kind, kind)
            .SetTag(TelemetryNames.Seconds, (now - since).TotalSeconds);
    }

    /// <summary>Tells how the execution of the current span ended.</summary>
    /// <param name="protocol">Names the kind of work: <c>evaluate/1</c>.</param>
    public static void Ended(string protocol, string outcome, double seconds, Usage usage)
    {
        var kind = protocol.Split('/')[0];
        var outcomeTag = new KeyValuePair<string, object?>(TelemetryNames.Outcome, outcome);
        Jobs.Add(1, KindTag(kind), outcomeTag);
        Duration.Record(seconds, KindTag(kind), outcomeTag);
        CpuTime.Add(usage.CpuSeconds, KindTag(kind));
        GpuTime.Add(usage.GpuSeconds, KindTag(kind));
        BytesRead.Add(usage.BytesRead, KindTag(kind));
        BytesWritten.Add(usage.BytesWritten, KindTag(kind));
        Activity.Current?.SetTag(TelemetryNames.Kind, kind).SetTag(TelemetryNames.Outcome, outcome)
            .SetTag(TelemetryNames.Seconds, seconds)
            .SetTag(TelemetryNames.CpuSeconds, usage.CpuSeconds).SetTag(TelemetryNames.GpuSeconds, usage.GpuSeconds)
            .SetTag(TelemetryNames.BytesRead, usage.BytesRead)
            .SetTag(TelemetryNames.BytesWritten, usage.BytesWritten);
    }

    /// <summary>Counts a lease that ran out.</summary>
    public static void LeaseLost() => LostLeases.Add(1);

    private static KeyValuePair<string, object?> KindTag(string kind) => new(TelemetryNames.Kind, kind);

    // The name is a property too, because a query over properties needs to know nothing of how spans are stored.
    private static Activity? Named(Activity? span, string name, object? runId, object? jobId, object? attempt) => span
        ?.SetTag(TelemetryNames.Span, name).SetTag(TelemetryNames.RunId, runId?.ToString())
        .SetTag(TelemetryNames.JobId, jobId).SetTag(TelemetryNames.Attempt, attempt);
}
