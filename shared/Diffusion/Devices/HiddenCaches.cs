using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Mlops.Diffusion.Devices;

/// <summary>Works around wrong convolutions on AMD processors whose virtual machine does not tell the sizes of their
/// caches. oneDNN 3.7.1, which libtorch 2.10 convolves with, then takes the first one for a byte, exchanges the loops
/// in which it lays out weights, and zeros the padding of a last block of channels as if the loops were as before: some
/// weights become 0, and some of the padding stays what was in memory. Its kernels for SSE 4.1 have no such blocks;
/// they take up to twice the time.</summary>
internal static class HiddenCaches
{
    private const string Kernels = "ONEDNN_MAX_CPU_ISA", Slower = "SSE41";
    private const int Vendor = 0, AmdCaches = unchecked((int)0x8000001D), FirstCache = 0;

    // "cAMD", the end of "AuthenticAMD", in register ECX.
    private const int Amd = 0x444D4163;

    /// <summary>Whether this processor is such a one.</summary>
    public static bool Are { get; } = OperatingSystem.IsLinux() && X86Base.IsSupported
        && X86Base.CpuId(Vendor, 0).Ecx == Amd
        && X86Base.CpuId(AmdCaches, FirstCache) is { Eax: 0, Ebx: 0, Ecx: 0 };

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "oneDNN reads it once, before its first computation.")]
    internal static void Avoid()
    {
        if (!Are || Environment.GetEnvironmentVariable(Kernels) is not null)
            return;
        // Processes that this one starts may be Python's.
        NativeEnvironment.Set(Kernels, Slower);
    }

    /// <summary>Has convolutions leave out NNPACK, which knows no processor without caches and would say so on standard
    /// error each time that it is asked.</summary>
    public static void Quieten()
    {
        if (Are)
            EnableNnpack(GlobalContext(), enabled: false);
    }

    // at::globalContext() and at::Context::setUserEnabledNNPACK(bool), for which TorchSharp has no name.
    [DllImport("torch_cpu", EntryPoint = "_ZN2at13globalContextEv")]
    private static extern nint GlobalContext();

    [DllImport("torch_cpu", EntryPoint = "_ZN2at7Context20setUserEnabledNNPACKEb")]
    private static extern void EnableNnpack(nint context, [MarshalAs(UnmanagedType.I1)] bool enabled);
}
