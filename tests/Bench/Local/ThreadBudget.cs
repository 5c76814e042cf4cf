using Mlops.Diffusion.Devices;

namespace Mlops.Bench.Local;

/// <summary>
/// One compute thread for this process and those that it starts. Processes that share the cores and each take all of
/// them wait for one another most of the time; and bytes depend on the number of threads, so what is compared needs the
/// same.
/// </summary>
public static class ThreadBudget
{
    private const string Threads = "OMP_NUM_THREADS";

    /// <summary>Must come before the first tensor; a number that the environment gives is kept.</summary>
    public static void Apply()
    {
        if (Environment.GetEnvironmentVariable(Threads) is not { Length: > 0 })
            NativeEnvironment.Set(Threads, "1");
    }
}
