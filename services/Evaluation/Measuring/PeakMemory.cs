using System.Globalization;
using System.Runtime.InteropServices;
using Mlops.Diffusion.Devices;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlops.Evaluation.Measuring;

/// <summary>
/// The memory that sampling adds at its peak. On the CPU: Linux keeps a high-water mark of the resident set, which
/// writing 5 to clear_refs resets (proc(5)). Before the reset the managed and the C heap hand their free pages back:
/// sampling would take them first, or they would be handed back in its middle, and either way it would look cheaper. On
/// CUDA: what the allocator has reserved, which never shrinks, so the pruned model goes first.
/// </summary>
public static class PeakMemory
{
    private const string Reset = "/proc/self/clear_refs", Status = "/proc/self/status";

    /// <summary>Bytes that either model adds, and how they were
    /// measured; null where the system keeps no count.</summary>
    public static (double Dense, double Pruned, string How)? Measure(Action dense, Action pruned, Device device)
    {
        if (device.type == DeviceType.CUDA)
        {
            var before = DeviceMemory.Used(device);
            pruned();
            var small = DeviceMemory.Used(device);
            dense();
            return (DeviceMemory.Used(device) - before, small - before, "reserved-above-start/1");
        }
        // What the libraries set up once and keep is neither model's.
        dense();
        pruned();
        return Added(dense) is { } first && Added(pruned) is { } second
            ? (first, second, "resident-high-water-above-start/2")
            : null;
    }

    /// <summary>Bytes of the peak above the resident set at the
    /// start; null where the system keeps no such mark.</summary>
    public static long? Added(Action work)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(Reset))
        {
            work();
            return null;
        }

        ReturnFreePages();
        File.WriteAllText(Reset, "5");
        var before = Read("VmRSS:");
        work();
        return Math.Max(0, Read("VmHWM:") - before);
    }

    private static void ReturnFreePages()
    {
        // Only an aggressive collection gives pages back at once; the second gives back what finalizers let go.
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        Trim(0);
    }

    private static long Read(string field)
    {
        var line = File.ReadLines(Status).First(l => l.StartsWith(field, StringComparison.Ordinal));
        var kibibytes = line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
        return long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024;
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int Trim(nuint pad);
}
