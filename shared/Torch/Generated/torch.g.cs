// Generated from Ops/ops.txt; edit that.
#nullable enable
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace TorchSharp;

public static partial class torch
{
    public static unsafe Tensor where(Tensor condition, Tensor x, Tensor y)
    {
        nint result;
        Native.Check(Native.tl_where_2(condition.Handle, x.Handle, y.Handle, &result));
        GC.KeepAlive(condition);
        GC.KeepAlive(x);
        GC.KeepAlive(y);
        return new Tensor(result);
    }

    public static unsafe (Tensor values, Tensor indices) sort(Tensor input, long dim = -1, bool descending = false, bool stable = false)
    {
        var result = stackalloc nint[2];
        Native.Check(Native.tl_sort_2(input.Handle, dim, descending, stable, result));
        GC.KeepAlive(input);
        return (new Tensor(result[0]), new Tensor(result[1]));
    }

    public static unsafe (Tensor values, Tensor indices) topk(Tensor tensor, int k, int dim = -1, bool largest = true, bool sorted = true)
    {
        var result = stackalloc nint[2];
        Native.Check(Native.tl_topk_2(tensor.Handle, k, dim, largest, sorted, result));
        GC.KeepAlive(tensor);
        return (new Tensor(result[0]), new Tensor(result[1]));
    }

    public static unsafe Tensor amax(Tensor input, long[] dims)
    {
        nint result;
        fixed (long* dimsValues = dims)
        Native.Check(Native.tl_amax_2(input.Handle, dimsValues, dims.Length, &result));
        GC.KeepAlive(input);
        return new Tensor(result);
    }

    public static unsafe Tensor cat(IList<Tensor> tensors, long dim = 0)
    {
        var tensorsArray = tensors.ToArray();
        nint result;
        fixed (nint* tensorsHandles = Native.Handles(tensorsArray))
        Native.Check(Native.tl_cat(tensorsHandles, tensorsArray.Length, dim, &result));
        GC.KeepAlive(tensorsArray);
        return new Tensor(result);
    }

    public static unsafe Tensor cat(Tensor[] tensors, long dim = 0)
    {
        var tensorsArray = tensors.ToArray();
        nint result;
        fixed (nint* tensorsHandles = Native.Handles(tensorsArray))
        Native.Check(Native.tl_cat_2(tensorsHandles, tensorsArray.Length, dim, &result));
        GC.KeepAlive(tensorsArray);
        return new Tensor(result);
    }

    public static unsafe Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0)
    {
        var tensorsArray = tensors.ToArray();
        nint result;
        fixed (nint* tensorsHandles = Native.Handles(tensorsArray))
        Native.Check(Native.tl_cat_3(tensorsHandles, tensorsArray.Length, dim, &result));
        GC.KeepAlive(tensorsArray);
        return new Tensor(result);
    }

    public static unsafe Tensor concat(IList<Tensor> tensors, long dim = 0)
    {
        var tensorsArray = tensors.ToArray();
        nint result;
        fixed (nint* tensorsHandles = Native.Handles(tensorsArray))
        Native.Check(Native.tl_concat(tensorsHandles, tensorsArray.Length, dim, &result));
        GC.KeepAlive(tensorsArray);
        return new Tensor(result);
    }

    public static unsafe Tensor concat(Tensor[] tensors, long dim = 0)
    {
        var tensorsArray = tensors.ToArray();
        nint result;
        fixed (nint* tensorsHandles = Native.Handles(tensorsArray))
        Native.Check(Native.tl_concat_2(tensorsHandles, tensorsArray.Length, dim, &result));
        GC.KeepAlive(tensorsArray);
        return new Tensor(result);
    }

    public static unsafe Tensor concat(ReadOnlySpan<Tensor> tensors, long dim = 0)
    {
        var tensorsArray = tensors.ToArray();
        nint result;
        fixed (nint* tensorsHandles = Native.Handles(tensorsArray))
        Native.Check(Native.tl_concat_3(tensorsHandles, tensorsArray.Length, dim, &result));
        GC.KeepAlive(tensorsArray);
        return new Tensor(result);
    }

    public static unsafe Tensor stack(IEnumerable<Tensor> tensors, long dim = 0)
    {
        var tensorsArray = tensors.ToArray();
        nint result;
        fixed (nint* tensorsHandles = Native.Handles(tensorsArray))
        Native.Check(Native.tl_stack(tensorsHandles, tensorsArray.Length, dim, &result));
        GC.KeepAlive(tensorsArray);
        return new Tensor(result);
    }

    public static unsafe Tensor block_diag(params Tensor[] tensors)
    {
        var tensorsArray = tensors.ToArray();
        nint result;
        fixed (nint* tensorsHandles = Native.Handles(tensorsArray))
        Native.Check(Native.tl_block_diag(tensorsHandles, tensorsArray.Length, &result));
        GC.KeepAlive(tensorsArray);
        return new Tensor(result);
    }

    public static unsafe Tensor norm(Tensor input)
    {
        nint result;
        Native.Check(Native.tl_norm_3(input.Handle, &result));
        GC.KeepAlive(input);
        return new Tensor(result);
    }

    public static unsafe Tensor softmax(Tensor input, int dim, ScalarType? dtype = null)
    {
        nint result;
        Native.Check(Native.tl_softmax_2(input.Handle, dim, Native.Code(dtype), &result));
        GC.KeepAlive(input);
        return new Tensor(result);
    }

    public static unsafe Tensor bincount(Tensor input, Tensor? weights = null, long minlength = 0)
    {
        nint result;
        Native.Check(Native.tl_bincount_2(input.Handle, weights is null ? 0 : weights.Handle, minlength, &result));
        GC.KeepAlive(input);
        GC.KeepAlive(weights);
        return new Tensor(result);
    }

    public static unsafe Tensor addmm(Tensor input, Tensor mat1, Tensor mat2, float beta, float alpha)
    {
        nint result;
        Native.Check(Native.tl_addmm_2(input.Handle, mat1.Handle, mat2.Handle, beta, alpha, &result));
        GC.KeepAlive(input);
        GC.KeepAlive(mat1);
        GC.KeepAlive(mat2);
        return new Tensor(result);
    }

    public static unsafe Tensor cholesky(Tensor input)
    {
        nint result;
        Native.Check(Native.tl_cholesky_2(input.Handle, &result));
        GC.KeepAlive(input);
        return new Tensor(result);
    }

    public static unsafe Tensor cholesky(Tensor input, bool upper)
    {
        nint result;
        Native.Check(Native.tl_cholesky_3(input.Handle, upper, &result));
        GC.KeepAlive(input);
        return new Tensor(result);
    }

    public static unsafe Tensor movedim(Tensor input, long source, long destination)
    {
        nint result;
        Native.Check(Native.tl_movedim_2(input.Handle, source, destination, &result));
        GC.KeepAlive(input);
        return new Tensor(result);
    }

    public static unsafe Tensor take_along_dim(Tensor input, Tensor indices, long dim = 0)
    {
        nint result;
        Native.Check(Native.tl_take_along_dim_2(input.Handle, indices.Handle, dim, &result));
        GC.KeepAlive(input);
        GC.KeepAlive(indices);
        return new Tensor(result);
    }

    public static unsafe Tensor searchsorted(Tensor sorted_sequence, Tensor values, bool out_int32 = false, bool right = false, Tensor? sorter = null)
    {
        nint result;
        Native.Check(Native.tl_searchsorted(sorted_sequence.Handle, values.Handle, out_int32, right, sorter is null ? 0 : sorter.Handle, &result));
        GC.KeepAlive(sorted_sequence);
        GC.KeepAlive(values);
        GC.KeepAlive(sorter);
        return new Tensor(result);
    }

    public static unsafe Tensor einsum(string equation, params Tensor[] tensors)
    {
        var tensorsArray = tensors.ToArray();
        nint result;
        fixed (byte* equationText = Native.Utf8(equation))
        fixed (nint* tensorsHandles = Native.Handles(tensorsArray))
        Native.Check(Native.tl_einsum(equationText, tensorsHandles, tensorsArray.Length, &result));
        GC.KeepAlive(tensorsArray);
        return new Tensor(result);
    }

    public static unsafe Tensor polar(Tensor abs, Tensor angle)
    {
        nint result;
        Native.Check(Native.tl_polar(abs.Handle, angle.Handle, &result));
        GC.KeepAlive(abs);
        GC.KeepAlive(angle);
        return new Tensor(result);
    }

    public static unsafe Tensor normal(Tensor mean, Tensor std, Generator? generator = null)
    {
        nint result;
        Native.Check(Native.tl_normal(mean.Handle, std.Handle, generator is null ? 0 : generator.Handle, &result));
        GC.KeepAlive(mean);
        GC.KeepAlive(std);
        GC.KeepAlive(generator);
        return new Tensor(result);
    }

    public static unsafe Tensor[] where(Tensor condition)
    {
        nint* result;
        long resultCount;
        Native.Check(Native.tl_where_3(condition.Handle, &result, &resultCount));
        GC.KeepAlive(condition);
        return Native.Tensors(result, resultCount);
    }

    public static unsafe Tensor[] meshgrid(IEnumerable<Tensor> tensors, string indexing = "ij")
    {
        var tensorsArray = tensors.ToArray();
        nint* result;
        long resultCount;
        fixed (nint* tensorsHandles = Native.Handles(tensorsArray))
        fixed (byte* indexingText = Native.Utf8(indexing))
        Native.Check(Native.tl_meshgrid(tensorsHandles, tensorsArray.Length, indexingText, &result, &resultCount));
        GC.KeepAlive(tensorsArray);
        return Native.Tensors(result, resultCount);
    }

    public static unsafe Tensor cartesian_prod(params Tensor[] tensors)
    {
        var tensorsArray = tensors.ToArray();
        nint result;
        fixed (nint* tensorsHandles = Native.Handles(tensorsArray))
        Native.Check(Native.tl_cartesian_prod(tensorsHandles, tensorsArray.Length, &result));
        GC.KeepAlive(tensorsArray);
        return new Tensor(result);
    }
}
