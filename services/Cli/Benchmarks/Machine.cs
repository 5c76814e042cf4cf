namespace Mlops.Cli.Benchmarks;

/// <summary>What the numbers were measured on.</summary>
public static class Machine
{
    /// <summary>Processor, cores and memory in one line.</summary>
    public static string Describe()
    {
        var model = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        var gibibytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30;
        return $"{model?.Split(':')[1].Trim() ?? "unknown processor"}, {Environment.ProcessorCount} cores, {gibibytes} GiB";
    }
}
