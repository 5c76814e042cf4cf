namespace Mlops.Diffusion.Devices;

/// <summary>What times on the CPU were measured on.</summary>
public static class Processor
{
    /// <summary>Model and cores, as the operating system names them, and what makes convolutions slow.</summary>
    public static string Name { get; } = $"{Model()}, {Environment.ProcessorCount} cores"
        + (HiddenCaches.Are ? ", its caches hidden" : "");

    private static string Model()
    {
        var lines = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo") : [];
        return lines.FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            ?.Split(':')[1].Trim() ?? "unknown processor";
    }
}
