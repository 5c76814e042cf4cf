using System.Runtime.InteropServices;

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
        if (Environment.GetEnvironmentVariable(Threads) is { Length: > 0 })
            return;
        // Two environments: .NET's own, which it hands to children, and the one that native libraries of this process
        // read when they are loaded.
        Environment.SetEnvironmentVariable(Threads, "1");
        _ = SetNativeVariable(Threads, "1", overwrite: 1);
    }

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi)]
    private static extern int SetNativeVariable(string name, string value, int overwrite);
}
