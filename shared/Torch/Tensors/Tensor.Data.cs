using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The raw bytes; contiguous CPU tensors only. Valid as long as the tensor is reachable.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                if (!is_contiguous())
                    throw new InvalidOperationException("Bytes() called on non-contiguous tensor.");
                return new Span<byte>(Data(), checked((int)(numel() * element_size())));
            }
            set
            {
                if (value.Length != numel() * element_size())
                    throw new ArgumentException(
                        $"{value.Length} bytes were given for a tensor of {numel() * element_size()} bytes");
                value.CopyTo(bytes);
            }
        }

        /// <summary>Access to the elements; CPU tensors whose type is T only.</summary>
        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            RequireType<T>();
            return new TensorAccessor<T>(this);
        }

        /// <summary>The only element; T must be the tensor's element type.</summary>
        public unsafe T item<T>() where T : unmanaged
        {
            if (numel() != 1)
                throw new InvalidOperationException($"a tensor of {numel()} elements is not one number");

            RequireType<T>();
            using var local = is_cpu() ? null : detach().cpu();
            return *(T*)(local ?? this).Data();
        }

        public unsafe Scalar ToScalar()
        {
            NativeScalar value;
            Native.Check(Native.tl_item(Handle, &value));
            GC.KeepAlive(this);
            return Scalar.Of(value, dtype);
        }

        public static explicit operator double(Tensor value) => value.ToScalar().Real();

        public static explicit operator float(Tensor value) => (float)value.ToScalar().Real();

        public static explicit operator long(Tensor value) => value.ToScalar().Integer();

        public static explicit operator int(Tensor value) => (int)value.ToScalar().Integer();

        public static explicit operator bool(Tensor value) => value.ToScalar().ToBoolean();

        public bool is_nonzero() => ToScalar().ToBoolean();

        /// <summary>Address of the first element in CPU memory.</summary>
        internal unsafe void* Data()
        {
            if (!is_cpu())
                throw new InvalidOperationException(
                    $"the tensor lies on {device}; copy it to the cpu to read its data");

            void* data;
            Native.Check(Native.tl_data(Handle, &data));
            GC.KeepAlive(this);
            return data;
        }

        private void RequireType<T>() where T : unmanaged
        {
            if (TypeOf<T>() != dtype)
                throw new ArgumentException($"T = {typeof(T).Name} does not fit a tensor of type {dtype}");
        }
    }

    internal static ScalarType TypeOf<T>() => default(T) switch
    {
        bool => ScalarType.Bool,
        byte => ScalarType.Byte,
        sbyte => ScalarType.Int8,
        short => ScalarType.Int16,
        int => ScalarType.Int32,
        long => ScalarType.Int64,
        Half => ScalarType.Float16,
        float => ScalarType.Float32,
        double => ScalarType.Float64,
        _ => throw new ArgumentException($"{typeof(T).Name} is no element type of a tensor"),
    };

    private static Tensor FromScalar<T>(T scalar, ScalarType? dtype, Device? device, bool requires_grad)
        where T : unmanaged => FromValues<T>([scalar], [], dtype, device, requires_grad, null);

    private static unsafe Tensor FromValues<T>(
        ReadOnlySpan<T> values, ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requires_grad,
        string[]? names) where T : unmanaged
    {
        long count = 1;
        foreach (var extent in size)
            count *= extent;
        if (count != values.Length)
            throw new ArgumentException(
                $"{values.Length} values do not fill a tensor of size [{string.Join(", ", size.ToArray())}]");

        var tensor = Ops.empty(size, Spec.Of(TypeOf<T>(), CPU));
        values.CopyTo(new Span<T>(tensor.Data(), values.Length));
        return Made(tensor.Placed(dtype, device ?? get_default_device()), requires_grad, names);
    }

    private static Tensor FromArray<T>(
        Array array, ScalarType? dtype, Device? device, bool requires_grad, string[]? names) where T : unmanaged
    {
        var size = Enumerable.Range(0, array.Rank).Select(i => array.GetLongLength(i)).ToArray();
        var values = array.Length == 0
            ? []
            : MemoryMarshal.CreateReadOnlySpan(
                ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(array)), array.Length);
        return FromValues(values, size, dtype, device, requires_grad, names);
    }

    private static Tensor Made(Tensor tensor, bool requires_grad, string[]? names)
    {
        if (names is not null)
            throw new NotSupportedException("named dimensions are not in this subset");
        if (requires_grad)
            tensor.requires_grad = true;
        return tensor;
    }
}
