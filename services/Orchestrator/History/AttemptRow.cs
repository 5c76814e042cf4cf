using Mlops.Orchestrator.Runs;

namespace Mlops.Orchestrator.History;

/// <summary>A try at a job as it is stored.</summary>
internal sealed class AttemptRow
{
    public Guid RunId { get; init; }
    public int Number { get; init; }
    public required string JobId { get; init; }
    public int Attempt { get; init; }
    public long DispatchedMs { get; init; }
    public Guid? ExecutionId { get; set; }
    public string? WorkerId { get; set; }
    public long? ClaimedMs { get; set; }
    public long? EndedMs { get; set; }
    public AttemptOutcome Outcome { get; set; }
    public double CpuSeconds { get; set; }
    public double GpuSeconds { get; set; }
    public long BytesRead { get; set; }
    public long BytesWritten { get; set; }
    public double SavedSeconds { get; set; }
    public double WastedSeconds { get; set; }
    public string? Reason { get; set; }
    public string? Key { get; set; }

    /// <summary>Name to value, as JSON.</summary>
    public string? KeyParts { get; set; }
}
