namespace Mlops.Contracts;

/// <summary>What one execution has used so far.</summary>
/// <param name="CpuSeconds">Processor time of its whole process, which executes one job at a time.</param>
/// <param name="GpuSeconds">Time for which it had an accelerator to itself; 0 on the CPU.</param>
/// <param name="BytesRead">Bytes that came from the object store.</param>
/// <param name="BytesWritten">Bytes that went to the object store.</param>
/// <param name="SavedSeconds">How much of its time is safe in its latest checkpoint.</param>
public sealed record Usage(
    double CpuSeconds, double GpuSeconds, long BytesRead, long BytesWritten, double SavedSeconds)
{
    /// <summary>Nothing.</summary>
    public static Usage None { get; } = new(0, 0, 0, 0, 0);
}
