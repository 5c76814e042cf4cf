namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public bool requires_grad
        {
            get
            {
                var on = Native.tl_requires_grad(Handle);
                GC.KeepAlive(this);
                return on;
            }
            set
            {
                Native.Check(Native.tl_set_requires_grad(Handle, value));
                GC.KeepAlive(this);
            }
        }

        public bool is_leaf
        {
            get
            {
                var leaf = Native.tl_is_leaf(Handle);
                GC.KeepAlive(this);
                return leaf;
            }
        }

        /// <summary>The accumulated gradient; null before the first backward pass and after it was cleared.</summary>
#nullable disable annotations // As in TorchSharp: callers need not test for null.
        public unsafe Tensor grad
#nullable restore annotations
        {
            get
            {
                nint result;
                Native.Check(Native.tl_grad(Handle, &result));
                GC.KeepAlive(this);
                return result == 0 ? null : new Tensor(result);
            }
            set
            {
                Native.Check(Native.tl_set_grad(Handle, value?.Handle ?? 0));
                GC.KeepAlive(this);
                GC.KeepAlive(value);
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        public void retain_grad()
        {
            Native.Check(Native.tl_retain_grad(Handle));
            GC.KeepAlive(this);
        }

        public void backward() => autograd.backward([this]);

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false,
            IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);
    }
}
