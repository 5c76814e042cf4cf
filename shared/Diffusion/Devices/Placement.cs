using static TorchSharp.torch;

namespace Mlops.Diffusion.Devices;

/// <summary>The type in which networks compute.</summary>
public enum Precision
{
    /// <summary>IEEE single precision.</summary>
    Float32,

    /// <summary>The upper half of single precision; weights of an optimizer stay float32.</summary>
    Bfloat16,
}

/// <summary>Where a network computes, and in which type.</summary>
/// <param name="Device">Holds weights and activations.</param>
/// <param name="Dtype">float32, or bfloat16.</param>
public sealed record Placement(Device Device, ScalarType Dtype)
{
    /// <summary>float32 on the CPU.</summary>
    public static Placement Cpu { get; } = new(CPU, ScalarType.Float32);

    /// <summary>The placement of a job.</summary>
    /// <param name="device">A name from <see cref="ComputeDevice.Resolve"/>.</param>
    /// <param name="precision">What the job asks for.</param>
    /// <param name="warn">Told when that type is slower here than float32.</param>
    public static Placement Create(string device, Precision precision, Action<string> warn)
    {
        var placement = new Placement(
            new Device(device), precision == Precision.Float32 ? ScalarType.Float32 : ScalarType.BFloat16);
        if (placement is { Device.type: TorchSharp.DeviceType.CPU, Dtype: ScalarType.BFloat16 }
            && ComputeDevice.Bfloat16Slowdown() is > 1 and var slowdown)
            warn(FormattableString.Invariant(
                $"bfloat16 takes {slowdown:0.0} times as long as float32 on this CPU; set precision to float32"));
        return placement;
    }
}
