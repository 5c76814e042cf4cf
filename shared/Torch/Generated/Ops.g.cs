// Generated from Ops/ops.txt; edit that.
#nullable enable
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace TorchSharp;

public static partial class torch
{
    internal static class Ops
    {
        internal static unsafe Tensor embedding(Tensor weight, Tensor input, long padding_idx)
        {
            nint result;
            Native.Check(Native.tl_embedding(weight.Handle, input.Handle, padding_idx, &result));
            GC.KeepAlive(weight);
            GC.KeepAlive(input);
            return new Tensor(result);
        }

        internal static unsafe Tensor rsub(Tensor input, Scalar other)
        {
            nint result;
            Native.Check(Native.tl_rsub(input.Handle, other.Native, &result));
            GC.KeepAlive(input);
            return new Tensor(result);
        }

        internal static unsafe Tensor index(Tensor input, IList<Tensor> indices)
        {
            var indicesArray = indices.ToArray();
            nint result;
            fixed (nint* indicesHandles = Native.Handles(indicesArray))
            Native.Check(Native.tl_index(input.Handle, indicesHandles, indicesArray.Length, &result));
            GC.KeepAlive(input);
            GC.KeepAlive(indicesArray);
            return new Tensor(result);
        }

        internal static unsafe void index_put_(Tensor input, IList<Tensor> indices, Tensor value, bool accumulate)
        {
            var indicesArray = indices.ToArray();
            fixed (nint* indicesHandles = Native.Handles(indicesArray))
            Native.Check(Native.tl_index_put_(input.Handle, indicesHandles, indicesArray.Length, value.Handle, accumulate));
            GC.KeepAlive(input);
            GC.KeepAlive(indicesArray);
            GC.KeepAlive(value);
        }

        internal static unsafe Tensor slice(Tensor input, long dim, long? start, long? end, long step)
        {
            nint result;
            Native.Check(Native.tl_slice_2(input.Handle, dim, NativeLong.Of(start), NativeLong.Of(end), step, &result));
            GC.KeepAlive(input);
            return new Tensor(result);
        }

        internal static unsafe Tensor zeros(ReadOnlySpan<long> size, Spec spec)
        {
            nint result;
            fixed (long* sizeValues = size)
            Native.Check(Native.tl_zeros(sizeValues, size.Length, spec.Native, &result));
            return new Tensor(result);
        }

        internal static unsafe Tensor ones(ReadOnlySpan<long> size, Spec spec)
        {
            nint result;
            fixed (long* sizeValues = size)
            Native.Check(Native.tl_ones(sizeValues, size.Length, spec.Native, &result));
            return new Tensor(result);
        }

        internal static unsafe Tensor empty(ReadOnlySpan<long> size, Spec spec)
        {
            nint result;
            fixed (long* sizeValues = size)
            Native.Check(Native.tl_empty(sizeValues, size.Length, spec.Native, &result));
            return new Tensor(result);
        }

        internal static unsafe Tensor full(ReadOnlySpan<long> size, Scalar value, Spec spec)
        {
            nint result;
            fixed (long* sizeValues = size)
            Native.Check(Native.tl_full(sizeValues, size.Length, value.Native, spec.Native, &result));
            return new Tensor(result);
        }

        internal static unsafe Tensor rand(ReadOnlySpan<long> size, Generator? generator, Spec spec)
        {
            nint result;
            fixed (long* sizeValues = size)
            Native.Check(Native.tl_rand(sizeValues, size.Length, generator is null ? 0 : generator.Handle, spec.Native, &result));
            GC.KeepAlive(generator);
            return new Tensor(result);
        }

        internal static unsafe Tensor randn(ReadOnlySpan<long> size, Generator? generator, Spec spec)
        {
            nint result;
            fixed (long* sizeValues = size)
            Native.Check(Native.tl_randn(sizeValues, size.Length, generator is null ? 0 : generator.Handle, spec.Native, &result));
            GC.KeepAlive(generator);
            return new Tensor(result);
        }

        internal static unsafe Tensor randint(long low, long high, ReadOnlySpan<long> size, Generator? generator, Spec spec)
        {
            nint result;
            fixed (long* sizeValues = size)
            Native.Check(Native.tl_randint(low, high, sizeValues, size.Length, generator is null ? 0 : generator.Handle, spec.Native, &result));
            GC.KeepAlive(generator);
            return new Tensor(result);
        }

        internal static unsafe Tensor randperm(long n, Generator? generator, Spec spec)
        {
            nint result;
            Native.Check(Native.tl_randperm(n, generator is null ? 0 : generator.Handle, spec.Native, &result));
            GC.KeepAlive(generator);
            return new Tensor(result);
        }

        internal static unsafe Tensor arange(Scalar start, Scalar stop, Scalar step, Spec spec)
        {
            nint result;
            Native.Check(Native.tl_arange(start.Native, stop.Native, step.Native, spec.Native, &result));
            return new Tensor(result);
        }

        internal static unsafe Tensor linspace(double start, double end, long steps, Spec spec)
        {
            nint result;
            Native.Check(Native.tl_linspace(start, end, steps, spec.Native, &result));
            return new Tensor(result);
        }

        internal static unsafe Tensor eye(long rows, long columns, Spec spec)
        {
            nint result;
            Native.Check(Native.tl_eye(rows, columns, spec.Native, &result));
            return new Tensor(result);
        }
    }
}
