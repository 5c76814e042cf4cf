namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public long[] shape => size();

        public long Dimensions => dim();

        public long ndim => dim();

        public long NumberOfElements => numel();

        public long ElementSize => element_size();

        public ScalarType dtype
        {
            get
            {
                var type = (ScalarType)Native.tl_dtype(Handle);
                GC.KeepAlive(this);
                return type;
            }
        }

        public DeviceType device_type
        {
            get
            {
                var type = (DeviceType)Native.tl_device_type(Handle);
                GC.KeepAlive(this);
                return type;
            }
        }

        public int device_index
        {
            get
            {
                var index = (int)Native.tl_device_index(Handle);
                GC.KeepAlive(this);
                return index;
            }
        }

        public Device device => new(device_type, device_index);

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_meta => device_type == DeviceType.META;

        public bool is_cpu() => device_type == DeviceType.CPU;

        public Tensor T => permute(Enumerable.Range(0, (int)dim()).Reverse().Select(i => (long)i));

        public Tensor mT => transpose(-2, -1);

        public long dim()
        {
            var count = Native.tl_dim(Handle);
            GC.KeepAlive(this);
            return count;
        }

        public long numel()
        {
            var count = Native.tl_numel(Handle);
            GC.KeepAlive(this);
            return count;
        }

        public long element_size()
        {
            var bytes = Native.tl_element_size(Handle);
            GC.KeepAlive(this);
            return bytes;
        }

        public unsafe long[] size()
        {
            var sizes = new long[dim()];
            fixed (long* p = sizes)
                Native.tl_sizes(Handle, p);
            GC.KeepAlive(this);
            return sizes;
        }

        public unsafe long size(int dim)
        {
            long result;
            Native.Check(Native.tl_size(Handle, dim, &result));
            GC.KeepAlive(this);
            return result;
        }

        public unsafe long[] stride()
        {
            var strides = new long[dim()];
            fixed (long* p = strides)
                Native.Check(Native.tl_strides(Handle, p));
            GC.KeepAlive(this);
            return strides;
        }

        public long stride(int dim) => stride()[dim < 0 ? dim + (int)this.dim() : dim];

        public unsafe long storage_offset()
        {
            long offset;
            Native.Check(Native.tl_storage_offset(Handle, &offset));
            GC.KeepAlive(this);
            return offset;
        }

        public bool is_contiguous()
        {
            var contiguous = Native.tl_is_contiguous(Handle);
            GC.KeepAlive(this);
            return contiguous;
        }

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_complex() => torch.is_complex(dtype);

        public bool is_integral() => torch.is_integral(dtype);

        public Tensor unflatten(long dim, Size sizes) => unflatten(dim, sizes.Shape);

        public Tensor expand(Size sizes, bool isImplicit = false) => expand(sizes.Shape, isImplicit);

        public Tensor permute(IEnumerable<long> permutation) => permute(permutation.ToArray());
    }
}
