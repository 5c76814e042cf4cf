using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>What concerns all parameters at once.</summary>
        public static class utils
        {
            /// <summary>Scales all gradients to a joint norm of at most max_norm; returns the norm before.</summary>
            public static double clip_grad_norm_(
                IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2)
            {
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                var grads = tensors.Select(t => t.grad).OfType<Tensor>().ToArray();
                if (grads.Length == 0)
                    return 0;

                var norm = stack(grads.Select(g => g.norm((float)norm_type))).norm((float)norm_type);
                var total = norm.ToScalar().ToDouble();
                var scale = max_norm / (total + 1e-6);
                if (scale < 1)
                    foreach (var grad in grads)
                        grad.mul_(scale);
                return total;
            }

            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var scope = NewDisposeScope();
                using var noGrad = no_grad();
                foreach (var grad in tensors.Select(t => t.grad).OfType<Tensor>())
                    grad.clamp_(-clip_value, clip_value);
            }

            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                return cat(tensors.Select(t => t.reshape(-1)).ToArray()).MoveToOuterDisposeScope();
            }
        }
    }
}
