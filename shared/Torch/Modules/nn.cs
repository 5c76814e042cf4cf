using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);

        public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null,
            ScalarType? dtype = null) => new(
            Fan([outputSize, inputSize], inputSize, device, dtype),
            hasBias ? Fan([outputSize], inputSize, device, dtype) : null);

        public static Linear Linear(Parameter weight, Parameter? bias = null) => new(weight, bias);

        public static Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, long stride = 1,
            long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1,
            bool bias = true, Device? device = null, ScalarType? dtype = null) => Conv2d(
            in_channels, out_channels, (kernel_size, kernel_size), (stride, stride), (padding, padding),
            (dilation, dilation), padding_mode, groups, bias, device, dtype);

        public static Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size,
            (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null,
            PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null,
            ScalarType? dtype = null)
        {
            if (padding_mode != PaddingModes.Zeros)
                throw new NotSupportedException($"padding mode {padding_mode} is not in this subset; pad first");

            var (height, width) = kernel_size;
            var fan = in_channels / groups * height * width;
            return new Conv2d(
                Fan([out_channels, in_channels / groups, height, width], fan, device, dtype),
                bias ? Fan([out_channels], fan, device, dtype) : null,
                Pair(stride, 1), Pair(padding, 0), Pair(dilation, 1), groups);
        }

        public static GroupNorm GroupNorm(long num_groups, long num_channels, double eps = 1e-05, bool affine = true,
            Device? device = null, ScalarType? dtype = null) => new(
            num_groups,
            affine ? new Parameter(ones([num_channels], dtype, device)) : null,
            affine ? new Parameter(zeros([num_channels], dtype, device)) : null, eps);

        public static LayerNorm LayerNorm(long normalized_shape, double eps = 1e-05, bool elementwise_affine = true,
            bool bias = true, Device? device = null, ScalarType? dtype = null) =>
            LayerNorm([normalized_shape], eps, elementwise_affine, bias, device, dtype);

        public static LayerNorm LayerNorm(long[] normalized_shape, double eps = 1e-05, bool elementwise_affine = true,
            bool bias = true, Device? device = null, ScalarType? dtype = null) => new(
            normalized_shape,
            elementwise_affine ? new Parameter(ones(normalized_shape, dtype, device)) : null,
            elementwise_affine && bias ? new Parameter(zeros(normalized_shape, dtype, device)) : null, eps);

        public static Embedding Embedding(long num_embeddings, long embedding_dims, long? padding_idx = null,
            double? max_norm = null, double norm_type = 2, bool scale_grad_by_freq = false, bool sparse = false,
            Device? device = null, ScalarType? dtype = null)
        {
            if (max_norm is not null || scale_grad_by_freq || sparse)
                throw new NotSupportedException("max_norm, scale_grad_by_freq and sparse are not in this subset");
            return new Embedding(
                new Parameter(randn([num_embeddings, embedding_dims], dtype, device)), padding_idx);
        }

        public static SiLU SiLU() => new(false);

        public static SiLU SiLU(bool inplace) => new(inplace);

        public static ReLU ReLU(bool inplace = false) => new(inplace);

        public static GELU GELU() => new(Modules.GELU.Approximate.none, false);

        public static GELU GELU(bool inplace) => new(Modules.GELU.Approximate.none, inplace);

        public static GELU GELU(GELU.Approximate approximate, bool inplace = false) => new(approximate, inplace);

        public static Sigmoid Sigmoid() => new(false);

        public static Tanh Tanh() => new(false);

        public static Identity Identity() => new();

        public static Dropout Dropout(double p = 0.5, bool inplace = false) => new(p, inplace);

        public static Sequential Sequential() => new(Array.Empty<Module<Tensor, Tensor>>());

        public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) => new(modules);

        public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) =>
            new(modules);

        public static Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules) => new(modules.ToArray());

        public static ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);

        public static ModuleList<Module> ModuleList(params Module[] modules) => new(modules);

        /// <summary>U(−1/√fan, 1/√fan), PyTorch's default for weights and biases alike.</summary>
        private static Parameter Fan(long[] size, long fan, Device? device, ScalarType? dtype)
        {
            var bound = 1 / Math.Sqrt(Math.Max(fan, 1));
            return new Parameter(empty(size, dtype, device).uniform_(-bound, bound));
        }

        private static long[] Pair((long, long)? value, long fallback) =>
            value is var (first, second) ? [first, second] : [fallback, fallback];
    }
}
