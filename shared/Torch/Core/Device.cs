namespace TorchSharp;

public static partial class torch
{
    private static Device _defaultDevice = new(DeviceType.CPU);

    public static readonly Device CPU = new(DeviceType.CPU);

    public static Device CUDA => new(DeviceType.CUDA);

    public static Device device(string description) => new(description);

    public static Device device(string deviceType, int index = -1) => new(deviceType, index);

    public static Device device(DeviceType deviceType, int index = -1) => new(deviceType, index);

    public static Device device(int index) => new(index);

    public static Device get_default_device() => _defaultDevice;

    public static void set_default_device(Device device) => _defaultDevice = device;

    public static void set_default_device(string device) => _defaultDevice = new Device(device);

    public static bool cuda_is_available() => cuda.is_available();

    /// <summary>CPU, or one graphics card.</summary>
    public class Device
    {
        public Device(string description)
            : this(description.Split(':')[0],
                description.Split(':') is [_, var number] ? int.Parse(number) : -1)
        {
        }

        public Device(string deviceType, int index = -1)
            : this(deviceType.ToLowerInvariant() switch
            {
                "cpu" => DeviceType.CPU,
                "cuda" => DeviceType.CUDA,
                "meta" => DeviceType.META,
                _ => throw new ArgumentException($"unknown device \"{deviceType}\"; cpu and cuda[:number] are known"),
            }, index)
        {
        }

        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index;
        }

        public Device(int index)
            : this(DeviceType.CUDA, index)
        {
        }

        public DeviceType type { get; }

        public int index { get; }

        public static implicit operator Device(string description) => new(description);

        public override string ToString() =>
            type.ToString().ToLowerInvariant() + (index >= 0 && type != DeviceType.CPU ? $":{index}" : "");
    }

    /// <summary>What can be asked about graphics cards.</summary>
    public static class cuda
    {
        public static bool is_available() => device_count() > 0;

        public static bool is_cudnn_available() => Native.tl_has_cudnn();

        public static int device_count() => Native.tl_cuda_count();

        public static void manual_seed(long seed) => torch.manual_seed(seed);

        public static void manual_seed_all(long seed) => torch.manual_seed(seed);

        /// <summary>Waits until the card has done everything queued.</summary>
        public static void synchronize(Device? device = null)
        {
            if (is_available())
                Native.Check(Native.tl_cuda_synchronize(device?.index ?? -1));
        }
    }
}
