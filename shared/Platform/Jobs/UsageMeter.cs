using Mlops.Contracts;
using Mlops.Platform.Objects;

namespace Mlops.Platform.Jobs;

/// <summary>Measures what one execution uses, from its making on.</summary>
public sealed class UsageMeter(TimeProvider time, string device)
{
    private readonly long _begin = time.GetTimestamp();
    private readonly TimeSpan _cpuBefore = Environment.CpuUsage.TotalTime;
    private long _computeBegin;
    private long _computeTicks;
    private long _read;
    private long _written;
    private double _savedSeconds;

    /// <summary>Since its making.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(_begin);

    /// <summary>What was used so far.</summary>
    public Usage Read() => new(
        (Environment.CpuUsage.TotalTime - _cpuBefore).TotalSeconds, GpuSeconds(), Interlocked.Read(ref _read),
        Interlocked.Read(ref _written), Volatile.Read(ref _savedSeconds));

    /// <summary>What was done until then can be resumed.</summary>
    public void Save(TimeSpan elapsed) => Volatile.Write(ref _savedSeconds, elapsed.TotalSeconds);

    /// <summary>Counts the time of this work as time on the device.</summary>
    public async Task ComputeAsync(Func<Task> work)
    {
        Interlocked.Exchange(ref _computeBegin, time.GetTimestamp());
        try
        {
            await work();
        }
        finally
        {
            var begin = Interlocked.Exchange(ref _computeBegin, 0);
            Interlocked.Add(ref _computeTicks, time.GetElapsedTime(begin).Ticks);
        }
    }

    /// <summary>The store, with the bytes that pass through it counted.</summary>
    public IObjectStore Count(IObjectStore store) => new MeteredStore(
        store, bytes => Interlocked.Add(ref _read, bytes), bytes => Interlocked.Add(ref _written, bytes));

    private double GpuSeconds()
    {
        if (string.Equals(device, "cpu", StringComparison.OrdinalIgnoreCase))
            return 0;
        var running = Interlocked.Read(ref _computeBegin) is var begin and not 0
            ? time.GetElapsedTime(begin)
            : TimeSpan.Zero;
        return (TimeSpan.FromTicks(Interlocked.Read(ref _computeTicks)) + running).TotalSeconds;
    }
}
