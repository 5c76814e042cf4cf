namespace TorchSharp;

public static partial class torch
{
    /// <summary>Gradients of whole graphs.</summary>
    public static class autograd
    {
        /// <summary>Gradients of the outputs' sum by the inputs; null entries only if unused is allowed.</summary>
        public static unsafe IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs,
            IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false,
            bool allow_unused = false)
        {
            var (roots, leaves, seeds) = (outputs.ToArray(), inputs.ToArray(), grad_outputs?.ToArray() ?? []);
            nint* result;
            long count;
            fixed (nint* r = Native.Handles(roots), l = Native.Handles(leaves), s = Native.Handles(seeds))
                Native.Check(Native.tl_autograd_grad(r, roots.Length, l, leaves.Length, s, seeds.Length,
                    retain_graph, create_graph, allow_unused, &result, &count));
            KeepAlive(roots, leaves, seeds);
            return Native.Tensors(result, count);
        }

        /// <summary>Adds the gradients to the leaves' <see cref="Tensor.grad"/>.</summary>
        public static unsafe void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null,
            bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            var (roots, seeds, leaves) = (tensors.ToArray(), grad_tensors?.ToArray() ?? [], inputs?.ToArray() ?? []);
            fixed (nint* r = Native.Handles(roots), s = Native.Handles(seeds), l = Native.Handles(leaves))
                Native.Check(Native.tl_backward(r, roots.Length, s, seeds.Length,
                    retain_graph ?? create_graph, create_graph, l, leaves.Length));
            KeepAlive(roots, leaves, seeds);
        }

        public static void backward(Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null,
            bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(Tensor tensor, Tensor grad_tensor, bool? retain_graph = null,
            bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        private static void KeepAlive(params Tensor[][] lists)
        {
            foreach (var list in lists)
                GC.KeepAlive(list);
        }
    }

    public static bool is_grad_enabled() => Native.tl_grad_enabled();

    /// <summary>No graph is recorded on this thread until the result is disposed.</summary>
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    private sealed class GradMode : IDisposable
    {
        private readonly bool _before = Native.tl_grad_enabled();

        internal GradMode(bool on) => Native.tl_set_grad_enabled(on);

        public void Dispose() => Native.tl_set_grad_enabled(_before);
    }
}
