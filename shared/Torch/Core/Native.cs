using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp;

/// <summary>A number as it crosses the C boundary: tag 0 absent, 1 double, 2 integer, 3 bool.</summary>
internal readonly record struct NativeScalar(long Tag, long Bits);

internal readonly record struct NativeLong(long Present, long Value)
{
    internal static NativeLong Of(long? value) => new(value is null ? 0 : 1, value ?? 0);
}

internal readonly record struct NativeDouble(long Present, double Value)
{
    internal static NativeDouble Of(double? value) => new(value is null ? 0 : 1, value ?? 0);
}

internal readonly record struct NativeSpec(long ScalarType, long DeviceType, long DeviceIndex);

/// <summary>Element type and place of a new tensor.</summary>
internal readonly record struct Spec(NativeSpec Native)
{
    internal static Spec Of(torch.ScalarType? dtype, torch.Device? device)
    {
        var place = device ?? torch.get_default_device();
        return new Spec(new NativeSpec(TorchSharp.Native.Code(dtype), (long)place.type, place.index));
    }
}

/// <summary>The C boundary. Nothing is loaded before the first call.</summary>
internal static unsafe partial class Native
{
    private const string Library = "mlops_torch";

    /// <summary>Spinning of idle OpenMP threads; without a limit two busy neighbours slow a step thirtyfold.</summary>
    private const string SpinCount = "10000";

#pragma warning disable CA2255 // The resolver must stand before the first native call of any kind.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Initialize() => NativeLibrary.SetDllImportResolver(typeof(Native).Assembly, Load);

    private static nint Load(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
            return 0;

        // libgomp reads its environment when it is loaded; only libc's own table reaches it.
        _ = SetEnvironment("GOMP_SPINCOUNT", SpinCount);
        var library = NativeLibrary.Load(name, assembly, path);
        // libtorch starts with half of the cores, and does not see a variable that this process has set.
        ((delegate* unmanaged<int, void>)NativeLibrary.GetExport(library, "tl_set_num_threads"))(Threads());
        return library;
    }

    private static int Threads() =>
        int.TryParse(Environment.GetEnvironmentVariable("OMP_NUM_THREADS")?.Split(',')[0], out var wanted) && wanted > 0
            ? wanted
            : Environment.ProcessorCount;

    private static int SetEnvironment(string name, string value)
    {
        fixed (byte* nameText = Utf8(name))
        fixed (byte* valueText = Utf8(value))
            return setenv(nameText, valueText, 0);
    }

    internal static void Check(int status)
    {
        if (status != 0)
            Throw();
    }

    private static void Throw() => throw new ExternalException(Marshal.PtrToStringUTF8(tl_last_error()));

    internal static long Code(torch.ScalarType? dtype) => dtype is null ? -1 : (long)dtype.Value;

    internal static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text + '\0');

    internal static nint[] Handles(torch.Tensor?[] tensors)
    {
        var handles = new nint[tensors.Length];
        for (var i = 0; i < handles.Length; i++)
            handles[i] = tensors[i]?.Handle ?? 0;
        return handles;
    }

    /// <summary>Takes over a list that the native side allocated.</summary>
    internal static torch.Tensor[] Tensors(nint* list, long count)
    {
        var tensors = new torch.Tensor[count];
        for (var i = 0; i < count; i++)
            tensors[i] = list[i] == 0 ? null! : new torch.Tensor(list[i]);
        tl_free_list(list);
        return tensors;
    }
}
