namespace Mlops.Bench;

/// <summary>What the numbers were measured on.</summary>
public static class Machine
{
    /// <summary>Processor, cores and memory in one line.</summary>
    public static string Describe()
    {
        var lines = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo") : [];
        var model = lines.FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        var gibibytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30;
        var name = model?.Split(':')[1].Trim() ?? "unknown processor";
        return $"{name}, {Environment.ProcessorCount} cores, {gibibytes} GiB";
    }
}
