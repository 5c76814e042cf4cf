using System.Runtime.InteropServices;

namespace Mlops.Diffusion.Devices;

/// <summary>The environment that libraries like libtorch read when they are loaded, which is not the one of .NET.
/// </summary>
public static class NativeEnvironment
{
    /// <summary>Sets a variable for native libraries of this process, and for processes that it starts.</summary>
    public static void Set(string name, string value)
    {
        _ = SetVariable(name, value, overwrite: 1);
        Environment.SetEnvironmentVariable(name, value);
    }

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi)]
    private static extern int SetVariable(string name, string value, int overwrite);
}
