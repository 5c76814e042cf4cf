using System.Diagnostics;
using OpenTelemetry.Trace;

namespace Mlops.Platform.Telemetry;

/// <summary>
/// Keeps every span but those of heartbeats, which come every few seconds for hours and would bury the others. What
/// follows from a span that was left out is left out as well.
/// </summary>
internal sealed class HeartbeatSpanFilter : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var parent = samplingParameters.ParentContext;
        var leftOut = parent.TraceId != default && !parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded);
        return new(!leftOut
            && !samplingParameters.Name.Contains(nameof(Contracts.Events.JobProgressed), StringComparison.Ordinal));
    }
}
