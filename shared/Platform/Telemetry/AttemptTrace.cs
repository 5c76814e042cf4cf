using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Mlops.Platform.Telemetry;

/// <summary>
/// Which trace an attempt or a run belongs to. It follows from their names alone, so that a command sent again after a
/// crash, or worked on by another process, lands in the same trace and nothing has to be stored.
/// </summary>
public static class AttemptTrace
{
    /// <summary>The trace of one attempt of a job.</summary>
    public static ActivityContext Of(Guid runId, string jobId, int attempt) =>
        ContextOf($"{runId:N}/{jobId}/{attempt}");

    /// <summary>The trace of everything that concerns a run as a whole.</summary>
    public static ActivityContext Of(Guid runId) => ContextOf($"{runId:N}");

    /// <summary>The place where a trace begins: a span started under it has no parent.</summary>
    public static ActivityContext Root(ActivityContext trace) => new(trace.TraceId, default, trace.TraceFlags);

    private static ActivityContext ContextOf(string name)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"mlops/{name}"), digest);
        return new(
            ActivityTraceId.CreateFromBytes(digest[..16]), ActivitySpanId.CreateFromBytes(digest[16..24]),
            ActivityTraceFlags.Recorded, isRemote: true);
    }
}
