using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Devices;

/// <summary>Memory of a CUDA device as its driver counts it. TorchSharp offers no statistics of the allocator, so this
/// is what the process has reserved, which never shrinks.</summary>
public static class DeviceMemory
{
    /// <summary>Bytes in use; to be asked on a thread that has used the device.</summary>
    /// <exception cref="InvalidOperationException">The driver refuses, or the device is no CUDA device.</exception>
    public static long Used(Device device)
    {
        if (device.type != DeviceType.CUDA)
            throw new InvalidOperationException($"{device} keeps no memory of its own");
        ComputeDevice.Synchronize(device);
        return GetInfo(out var free, out var total) == 0
            ? (long)(total - free)
            : throw new InvalidOperationException($"the driver does not tell the memory of {device}");
    }

    [DllImport("libcuda.so.1", EntryPoint = "cuMemGetInfo_v2")]
    private static extern int GetInfo(out nuint free, out nuint total);
}
