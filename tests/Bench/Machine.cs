using Mlops.Diffusion.Devices;

namespace Mlops.Bench;

/// <summary>What the numbers were measured on.</summary>
public static class Machine
{
    /// <summary>Processor, cores and memory in one line.</summary>
    public static string Describe() =>
        $"{Processor.Name}, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB";
}
