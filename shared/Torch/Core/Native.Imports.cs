using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>The hand-written exports; those of the op table are generated.</summary>
internal static unsafe partial class Native
{
    [DllImport("libc")]
    private static extern int setenv(byte* name, byte* value, int overwrite);

    [DllImport(Library)]
    internal static extern nint tl_last_error();

    [DllImport(Library)]
    internal static extern nint tl_version();

    /// <summary>Number of native tensor handles that have not been freed.</summary>
    [DllImport(Library)]
    internal static extern long tl_live_handles();

    [DllImport(Library)]
    internal static extern void tl_free(nint tensor);

    [DllImport(Library)]
    internal static extern void tl_free_list(nint* list);

    // Reads of a field: they neither block nor throw, so the GC need not be told.
    [DllImport(Library), SuppressGCTransition]
    internal static extern long tl_dim(nint tensor);

    [DllImport(Library), SuppressGCTransition]
    internal static extern long tl_numel(nint tensor);

    [DllImport(Library), SuppressGCTransition]
    internal static extern long tl_dtype(nint tensor);

    [DllImport(Library), SuppressGCTransition]
    internal static extern void tl_sizes(nint tensor, long* sizes);

    [DllImport(Library)]
    internal static extern int tl_size(nint tensor, long dim, long* size);

    [DllImport(Library)]
    internal static extern int tl_strides(nint tensor, long* strides);

    [DllImport(Library)]
    internal static extern long tl_element_size(nint tensor);

    [DllImport(Library)]
    internal static extern int tl_storage_offset(nint tensor, long* offset);

    [DllImport(Library)]
    internal static extern long tl_device_type(nint tensor);

    [DllImport(Library)]
    internal static extern long tl_device_index(nint tensor);

    [DllImport(Library)]
    internal static extern bool tl_is_contiguous(nint tensor);

    [DllImport(Library)]
    internal static extern int tl_data(nint tensor, void** data);

    [DllImport(Library)]
    internal static extern int tl_to(nint tensor, NativeSpec spec, bool copy, bool nonBlocking, nint* result);

    [DllImport(Library)]
    internal static extern int tl_item(nint tensor, NativeScalar* result);

    [DllImport(Library)]
    internal static extern bool tl_requires_grad(nint tensor);

    [DllImport(Library)]
    internal static extern int tl_set_requires_grad(nint tensor, bool on);

    [DllImport(Library)]
    internal static extern bool tl_is_leaf(nint tensor);

    [DllImport(Library)]
    internal static extern int tl_retain_grad(nint tensor);

    [DllImport(Library)]
    internal static extern int tl_grad(nint tensor, nint* result);

    [DllImport(Library)]
    internal static extern int tl_set_grad(nint tensor, nint grad);

    [DllImport(Library)]
    internal static extern int tl_backward(nint* roots, long rootCount, nint* grads, long gradCount,
        bool retainGraph, bool createGraph, nint* inputs, long inputCount);

    [DllImport(Library)]
    internal static extern int tl_autograd_grad(nint* outputs, long outputCount, nint* inputs, long inputCount,
        nint* grads, long gradCount, bool retainGraph, bool createGraph, bool allowUnused,
        nint** result, long* resultCount);

    [DllImport(Library)]
    internal static extern bool tl_grad_enabled();

    [DllImport(Library)]
    internal static extern void tl_set_grad_enabled(bool on);

    [DllImport(Library)]
    internal static extern int tl_generator(ulong seed, long deviceType, long deviceIndex, nint* result);

    [DllImport(Library)]
    internal static extern int tl_generator_default(nint* result);

    [DllImport(Library)]
    internal static extern void tl_generator_free(nint generator);

    [DllImport(Library)]
    internal static extern int tl_generator_set_seed(nint generator, ulong seed);

    [DllImport(Library)]
    internal static extern int tl_generator_seed(nint generator, ulong* seed);

    [DllImport(Library)]
    internal static extern int tl_generator_reseed(nint generator, ulong* seed);

    [DllImport(Library)]
    internal static extern int tl_generator_get_state(nint generator, nint* result);

    [DllImport(Library)]
    internal static extern int tl_generator_set_state(nint generator, nint state);

    [DllImport(Library)]
    internal static extern int tl_manual_seed(ulong seed);

    [DllImport(Library)]
    internal static extern void tl_set_num_threads(int count);

    [DllImport(Library)]
    internal static extern int tl_get_num_threads();

    [DllImport(Library)]
    internal static extern void tl_set_num_interop_threads(int count);

    [DllImport(Library)]
    internal static extern int tl_get_num_interop_threads();

    [DllImport(Library)]
    internal static extern int tl_cuda_count();

    [DllImport(Library)]
    internal static extern bool tl_has_cudnn();

    [DllImport(Library)]
    internal static extern int tl_cuda_synchronize(long index);
}
