using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>
/// An independent subset of TorchSharp 0.107's API over the system's libtorch; what a member does is described in
/// PyTorch's documentation of the function of the same name.
/// </summary>
public static partial class torch
{
    /// <summary>Version of libtorch that is linked.</summary>
    public static string __version__ => Marshal.PtrToStringUTF8(Native.tl_version())!;

#nullable disable annotations // As in TorchSharp: null outside of every scope.
    public static DisposeScope CurrentDisposeScope => DisposeScope.Current;
#nullable restore annotations

    /// <summary>Opens a scope that frees every tensor made on this thread until it is disposed.</summary>
    public static DisposeScope NewDisposeScope() => new();

    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }

    public static void set_num_threads(int num) => Native.tl_set_num_threads(num);

    public static int get_num_threads() => Native.tl_get_num_threads();

    public static void set_num_interop_threads(int num) => Native.tl_set_num_interop_threads(num);

    public static int get_num_interop_threads() => Native.tl_get_num_interop_threads();

    public static ScalarType get_default_dtype() => ScalarType.Float32;

    public static long numel(Tensor input) => input.numel();

    public static bool is_tensor(object obj) => obj is Tensor;

    public static bool is_floating_point(ScalarType type) =>
        type is ScalarType.Float16 or ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16;

    public static bool is_floating_point(Tensor input) => input.is_floating_point();

    public static bool is_integral(ScalarType type) =>
        type is >= ScalarType.Byte and <= ScalarType.Int64 or ScalarType.Bool;

    public static bool is_integral(Tensor t) => t.is_integral();

    public static bool is_complex(ScalarType type) =>
        type is ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64;

    public static bool is_complex(Tensor input) => input.is_complex();
}
