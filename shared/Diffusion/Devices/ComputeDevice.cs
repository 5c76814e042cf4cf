using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using TorchSharp;
using static TorchSharp.torch;

namespace Mlops.Diffusion.Devices;

/// <summary>The devices of this machine.</summary>
public static class ComputeDevice
{
    /// <summary>The setting that takes the first CUDA device, or the CPU where there is none.</summary>
    public const string Auto = "auto";

    private const string Cpu = "cpu", Cuda = "cuda";

    /// <summary>Checks the library and turns a setting into the name of a device that is there.</summary>
    /// <param name="setting"><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <returns><c>cpu</c> or <c>cuda:N</c>.</returns>
    /// <exception cref="ArgumentException">The setting is none of them, or the device is not there.</exception>
    /// <exception cref="InvalidDataException">The native library is missing or of another version.</exception>
    public static string Resolve(string setting)
    {
        var cards = CudaDevices();
        return setting.ToLowerInvariant() switch
        {
            Auto => cards > 0 ? $"{Cuda}:0" : Cpu,
            Cpu => Cpu,
            Cuda => Card(0, setting, cards),
            ['c', 'u', 'd', 'a', ':', .. var number] when int.TryParse(
                number, NumberStyles.None, CultureInfo.InvariantCulture, out var index) => Card(index, setting, cards),
            _ => throw new ArgumentException($"MLOPS_DEVICE is '{setting}'; it must be auto, cpu, cuda or cuda:N"),
        };
    }

    /// <summary>Waits until a device has done all that it was asked to; to be called before a clock is read.</summary>
    public static void Synchronize(Device device)
    {
        if (device.type == DeviceType.CUDA)
            cuda.synchronize(device);
    }

    /// <summary>How many times longer a matrix product takes in bfloat16 than in float32 on the CPU; below 1 where the
    /// processor has instructions for it. Measured once, in a few milliseconds.</summary>
    public static double Bfloat16Slowdown() => MeasuredSlowdown.Value;

    private static readonly Lazy<double> MeasuredSlowdown = new(() =>
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var single = ones(256, 256, device: CPU);
        var half = single.to(ScalarType.BFloat16);
        return Fastest(() => half.mm(half)) / Fastest(() => single.mm(single));
    });

    private static double Fastest(Func<Tensor> work)
    {
        var fastest = double.PositiveInfinity;
        for (var round = 0; round < 5; round++)
        {
            using var scope = NewDisposeScope();
            var start = Stopwatch.GetTimestamp();
            work();
            if (round > 0)
                fastest = Math.Min(fastest, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return fastest;
    }

    private static string Card(int index, string setting, int cards) => index < cards
        ? $"{Cuda}:{index}"
        : throw new ArgumentException($"MLOPS_DEVICE is '{setting}', but there is "
            + (cards == 0 ? "no CUDA device here, or this build has no CUDA library; use auto or cpu"
                : $"no such device: the last one here is cuda:{cards - 1}"));

    private static int CudaDevices()
    {
        try
        {
            RequireRepaired();
            return cuda.is_available() ? cuda.device_count() : 0;
        }
        catch (Exception exception) when (exception is DllNotFoundException or EntryPointNotFoundException
            or NotSupportedException or TypeInitializationException or BadImageFormatException)
        {
            var reason = (exception.InnerException ?? exception).Message.Split('\n')[0].TrimEnd('.', ' ');
            throw new InvalidDataException(
                $"the native libtorch 2.10 could not be loaded ({reason}); build or install mlops again, whole",
                exception);
        }
    }

    // The package as it is frees objects that native code still reads (infra/torch/README.md): results would be wrong
    // now and then, silently.
    private static void RequireRepaired()
    {
        var marks = typeof(torch).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>();
        if (!marks.Any(mark => mark.Key == "Repaired"))
            throw new InvalidDataException(
                $"{typeof(torch).Assembly.Location} is not the repaired TorchSharp that the build of mlops makes; "
                + "build or install mlops again, whole");
    }
}
