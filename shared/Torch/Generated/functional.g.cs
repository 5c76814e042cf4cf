// Generated from Ops/ops.txt; edit that.
#nullable enable
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static unsafe Tensor linear(Tensor input, Tensor weights, Tensor? bias = null)
            {
                nint result;
                Native.Check(Native.tl_linear(input.Handle, weights.Handle, bias is null ? 0 : bias.Handle, &result));
                GC.KeepAlive(input);
                GC.KeepAlive(weights);
                GC.KeepAlive(bias);
                return new Tensor(result);
            }

            public static unsafe Tensor conv1d(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? dilation = null, long groups = 1)
            {
                nint result;
                Native.Check(Native.tl_conv1d(input.Handle, weight.Handle, bias is null ? 0 : bias.Handle, NativeLong.Of(stride), NativeLong.Of(padding), NativeLong.Of(dilation), groups, &result));
                GC.KeepAlive(input);
                GC.KeepAlive(weight);
                GC.KeepAlive(bias);
                return new Tensor(result);
            }

            public static unsafe Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1)
            {
                nint result;
                fixed (long* stridesValues = strides)
                fixed (long* paddingValues = padding)
                fixed (long* dilationValues = dilation)
                Native.Check(Native.tl_conv2d(input.Handle, weight.Handle, bias is null ? 0 : bias.Handle, stridesValues, strides?.Length ?? -1, paddingValues, padding?.Length ?? -1, dilationValues, dilation?.Length ?? -1, groups, &result));
                GC.KeepAlive(input);
                GC.KeepAlive(weight);
                GC.KeepAlive(bias);
                return new Tensor(result);
            }

            public static unsafe Tensor conv_transpose2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? output_padding = null, long[]? dilation = null, long groups = 1)
            {
                nint result;
                fixed (long* stridesValues = strides)
                fixed (long* paddingValues = padding)
                fixed (long* output_paddingValues = output_padding)
                fixed (long* dilationValues = dilation)
                Native.Check(Native.tl_conv_transpose2d(input.Handle, weight.Handle, bias is null ? 0 : bias.Handle, stridesValues, strides?.Length ?? -1, paddingValues, padding?.Length ?? -1, output_paddingValues, output_padding?.Length ?? -1, dilationValues, dilation?.Length ?? -1, groups, &result));
                GC.KeepAlive(input);
                GC.KeepAlive(weight);
                GC.KeepAlive(bias);
                return new Tensor(result);
            }

            public static unsafe Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-05)
            {
                nint result;
                Native.Check(Native.tl_group_norm(input.Handle, num_groups, weight is null ? 0 : weight.Handle, bias is null ? 0 : bias.Handle, eps, &result));
                GC.KeepAlive(input);
                GC.KeepAlive(weight);
                GC.KeepAlive(bias);
                return new Tensor(result);
            }

            public static unsafe Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-05)
            {
                nint result;
                fixed (long* normalized_shapeValues = normalized_shape)
                Native.Check(Native.tl_layer_norm(input.Handle, normalized_shapeValues, normalized_shape.Length, weight is null ? 0 : weight.Handle, bias is null ? 0 : bias.Handle, eps, &result));
                GC.KeepAlive(input);
                GC.KeepAlive(weight);
                GC.KeepAlive(bias);
                return new Tensor(result);
            }

            public static unsafe Tensor batch_norm(Tensor input, Tensor running_mean, Tensor running_var, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1e-05)
            {
                nint result;
                Native.Check(Native.tl_batch_norm(input.Handle, running_mean.Handle, running_var.Handle, weight is null ? 0 : weight.Handle, bias is null ? 0 : bias.Handle, training, momentum, eps, &result));
                GC.KeepAlive(input);
                GC.KeepAlive(running_mean);
                GC.KeepAlive(running_var);
                GC.KeepAlive(weight);
                GC.KeepAlive(bias);
                return new Tensor(result);
            }

            public static unsafe Tensor silu(Tensor x, bool inplace = false)
            {
                nint result;
                Native.Check(Native.tl_silu_2(x.Handle, inplace, &result));
                GC.KeepAlive(x);
                return new Tensor(result);
            }

            public static unsafe Tensor relu(Tensor x, bool inplace = false)
            {
                nint result;
                Native.Check(Native.tl_relu_2(x.Handle, inplace, &result));
                GC.KeepAlive(x);
                return new Tensor(result);
            }

            public static unsafe Tensor tanh(Tensor x, bool inplace = false)
            {
                nint result;
                Native.Check(Native.tl_tanh_2(x.Handle, inplace, &result));
                GC.KeepAlive(x);
                return new Tensor(result);
            }

            public static unsafe Tensor sigmoid(Tensor x)
            {
                nint result;
                Native.Check(Native.tl_sigmoid_2(x.Handle, &result));
                GC.KeepAlive(x);
                return new Tensor(result);
            }

            public static unsafe Tensor sigmoid(Tensor x, bool inplace)
            {
                nint result;
                Native.Check(Native.tl_sigmoid_3(x.Handle, inplace, &result));
                GC.KeepAlive(x);
                return new Tensor(result);
            }

            public static unsafe Tensor gelu(Tensor x)
            {
                nint result;
                Native.Check(Native.tl_gelu_3(x.Handle, &result));
                GC.KeepAlive(x);
                return new Tensor(result);
            }

            public static unsafe Tensor gelu(Tensor x, bool inplace)
            {
                nint result;
                Native.Check(Native.tl_gelu_4(x.Handle, inplace, &result));
                GC.KeepAlive(x);
                return new Tensor(result);
            }

            public static unsafe Tensor gelu(Tensor x, GELU.Approximate approximate, bool inplace = false)
            {
                nint result;
                Native.Check(Native.tl_gelu_5(x.Handle, (long)approximate, inplace, &result));
                GC.KeepAlive(x);
                return new Tensor(result);
            }

            public static unsafe Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false)
            {
                nint result;
                Native.Check(Native.tl_leaky_relu_2(input.Handle, negative_slope, inplace, &result));
                GC.KeepAlive(input);
                return new Tensor(result);
            }

            public static unsafe Tensor elu(Tensor x, double alpha, bool inplace = false)
            {
                nint result;
                Native.Check(Native.tl_elu_3(x.Handle, alpha, inplace, &result));
                GC.KeepAlive(x);
                return new Tensor(result);
            }

            public static unsafe Tensor softplus(Tensor x, double beta = 1, double threshold = 20)
            {
                nint result;
                Native.Check(Native.tl_softplus_2(x.Handle, beta, threshold, &result));
                GC.KeepAlive(x);
                return new Tensor(result);
            }

            public static unsafe Tensor logsigmoid(Tensor x)
            {
                nint result;
                Native.Check(Native.tl_logsigmoid(x.Handle, &result));
                GC.KeepAlive(x);
                return new Tensor(result);
            }

            public static unsafe Tensor softmax(Tensor input, long dim, ScalarType? dtype = null)
            {
                nint result;
                Native.Check(Native.tl_softmax_3(input.Handle, dim, Native.Code(dtype), &result));
                GC.KeepAlive(input);
                return new Tensor(result);
            }

            public static unsafe Tensor log_softmax(Tensor x, long dim)
            {
                nint result;
                Native.Check(Native.tl_log_softmax_2(x.Handle, dim, &result));
                GC.KeepAlive(x);
                return new Tensor(result);
            }

            public static unsafe Tensor glu(Tensor input, long dim = -1)
            {
                nint result;
                Native.Check(Native.tl_glu(input.Handle, dim, &result));
                GC.KeepAlive(input);
                return new Tensor(result);
            }

            public static unsafe Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false)
            {
                nint result;
                Native.Check(Native.tl_dropout(input.Handle, p, training, inplace, &result));
                GC.KeepAlive(input);
                return new Tensor(result);
            }

            public static unsafe Tensor scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0, bool is_casual = false)
            {
                nint result;
                Native.Check(Native.tl_scaled_dot_product_attention(query.Handle, key.Handle, value.Handle, attn_mask is null ? 0 : attn_mask.Handle, p, is_casual, &result));
                GC.KeepAlive(query);
                GC.KeepAlive(key);
                GC.KeepAlive(value);
                GC.KeepAlive(attn_mask);
                return new Tensor(result);
            }

            public static unsafe Tensor interpolate(Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null, bool recompute_scale_factor = false, bool antialias = false)
            {
                nint result;
                fixed (long* sizeValues = size)
                fixed (double* scale_factorValues = scale_factor)
                Native.Check(Native.tl_interpolate(x.Handle, sizeValues, size?.Length ?? -1, scale_factorValues, scale_factor?.Length ?? -1, (long)mode, align_corners is null ? -1 : align_corners.Value ? 1 : 0, recompute_scale_factor, antialias, &result));
                GC.KeepAlive(x);
                return new Tensor(result);
            }

            public static unsafe Tensor upsample_nearest2d(Tensor input, long[]? outputSizes = null, double[]? scaleFactors = null)
            {
                nint result;
                fixed (long* outputSizesValues = outputSizes)
                fixed (double* scaleFactorsValues = scaleFactors)
                Native.Check(Native.tl_upsample_nearest2d(input.Handle, outputSizesValues, outputSizes?.Length ?? -1, scaleFactorsValues, scaleFactors?.Length ?? -1, &result));
                GC.KeepAlive(input);
                return new Tensor(result);
            }

            public static unsafe Tensor avg_pool2d(Tensor input, long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null)
            {
                nint result;
                Native.Check(Native.tl_avg_pool2d(input.Handle, kernel_size, NativeLong.Of(stride), padding, ceil_mode, count_include_pad, NativeLong.Of(divisor_override), &result));
                GC.KeepAlive(input);
                return new Tensor(result);
            }

            public static unsafe Tensor avg_pool2d(Tensor input, long[] kernel_size, long[]? stride = null, long[]? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null)
            {
                nint result;
                fixed (long* kernel_sizeValues = kernel_size)
                fixed (long* strideValues = stride)
                fixed (long* paddingValues = padding)
                Native.Check(Native.tl_avg_pool2d_2(input.Handle, kernel_sizeValues, kernel_size.Length, strideValues, stride?.Length ?? -1, paddingValues, padding?.Length ?? -1, ceil_mode, count_include_pad, NativeLong.Of(divisor_override), &result));
                GC.KeepAlive(input);
                return new Tensor(result);
            }

            public static unsafe Tensor max_pool2d(Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false)
            {
                nint result;
                Native.Check(Native.tl_max_pool2d(input.Handle, kernel_size, NativeLong.Of(stride), NativeLong.Of(padding), NativeLong.Of(dilation), ceil_mode, &result));
                GC.KeepAlive(input);
                return new Tensor(result);
            }

            public static unsafe Tensor adaptive_avg_pool2d(Tensor input, long output_size)
            {
                nint result;
                Native.Check(Native.tl_adaptive_avg_pool2d(input.Handle, output_size, &result));
                GC.KeepAlive(input);
                return new Tensor(result);
            }

            public static unsafe Tensor adaptive_avg_pool2d(Tensor input, long[] output_size)
            {
                nint result;
                fixed (long* output_sizeValues = output_size)
                Native.Check(Native.tl_adaptive_avg_pool2d_2(input.Handle, output_sizeValues, output_size.Length, &result));
                GC.KeepAlive(input);
                return new Tensor(result);
            }

            public static unsafe Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
            {
                nint result;
                fixed (long* padValues = pad)
                Native.Check(Native.tl_pad(input.Handle, padValues, pad.Length, (long)mode, value, &result));
                GC.KeepAlive(input);
                return new Tensor(result);
            }

            public static unsafe Tensor pad(Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
            {
                nint result;
                fixed (long* padValues = pad)
                Native.Check(Native.tl_pad_2(input.Handle, padValues, pad.Length, (long)mode, value, &result));
                GC.KeepAlive(input);
                return new Tensor(result);
            }

            public static unsafe Tensor one_hot(Tensor x, long num_classes = -1)
            {
                nint result;
                Native.Check(Native.tl_one_hot(x.Handle, num_classes, &result));
                GC.KeepAlive(x);
                return new Tensor(result);
            }

            public static unsafe Tensor pixel_shuffle(Tensor input, long upscale_factor)
            {
                nint result;
                Native.Check(Native.tl_pixel_shuffle(input.Handle, upscale_factor, &result));
                GC.KeepAlive(input);
                return new Tensor(result);
            }

            public static unsafe Tensor pixel_unshuffle(Tensor input, long downscale_factor)
            {
                nint result;
                Native.Check(Native.tl_pixel_unshuffle(input.Handle, downscale_factor, &result));
                GC.KeepAlive(input);
                return new Tensor(result);
            }

            public static unsafe Tensor unfold(Tensor input, long kernel_size, long dilation = 1, long padding = 0, long stride = 1)
            {
                nint result;
                Native.Check(Native.tl_unfold_2(input.Handle, kernel_size, dilation, padding, stride, &result));
                GC.KeepAlive(input);
                return new Tensor(result);
            }

            public static unsafe Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1e-08)
            {
                nint result;
                Native.Check(Native.tl_cosine_similarity(x1.Handle, x2.Handle, dim, eps, &result));
                GC.KeepAlive(x1);
                GC.KeepAlive(x2);
                return new Tensor(result);
            }

            public static unsafe Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean)
            {
                nint result;
                Native.Check(Native.tl_mse_loss(input.Handle, target.Handle, (long)reduction, &result));
                GC.KeepAlive(input);
                GC.KeepAlive(target);
                return new Tensor(result);
            }

            public static unsafe Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean)
            {
                nint result;
                Native.Check(Native.tl_l1_loss(input.Handle, target.Handle, (long)reduction, &result));
                GC.KeepAlive(input);
                GC.KeepAlive(target);
                return new Tensor(result);
            }

            public static unsafe Tensor smooth_l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1)
            {
                nint result;
                Native.Check(Native.tl_smooth_l1_loss(input.Handle, target.Handle, (long)reduction, beta, &result));
                GC.KeepAlive(input);
                GC.KeepAlive(target);
                return new Tensor(result);
            }

            public static unsafe Tensor huber_loss(Tensor input, Tensor target, double delta = 1, Reduction reduction = Reduction.Mean)
            {
                nint result;
                Native.Check(Native.tl_huber_loss(input.Handle, target.Handle, delta, (long)reduction, &result));
                GC.KeepAlive(input);
                GC.KeepAlive(target);
                return new Tensor(result);
            }

            public static unsafe Tensor cross_entropy(Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean, double label_smoothing = 0)
            {
                nint result;
                Native.Check(Native.tl_cross_entropy(input.Handle, target.Handle, weight is null ? 0 : weight.Handle, ignore_index, (long)reduction, label_smoothing, &result));
                GC.KeepAlive(input);
                GC.KeepAlive(target);
                GC.KeepAlive(weight);
                return new Tensor(result);
            }

            public static unsafe Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean)
            {
                nint result;
                Native.Check(Native.tl_nll_loss(input.Handle, target.Handle, weight is null ? 0 : weight.Handle, (long)reduction, &result));
                GC.KeepAlive(input);
                GC.KeepAlive(target);
                GC.KeepAlive(weight);
                return new Tensor(result);
            }

            public static unsafe Tensor kl_div(Tensor input, Tensor target, bool log_target = true, Reduction reduction = Reduction.Mean)
            {
                nint result;
                Native.Check(Native.tl_kl_div(input.Handle, target.Handle, log_target, (long)reduction, &result));
                GC.KeepAlive(input);
                GC.KeepAlive(target);
                return new Tensor(result);
            }

            public static unsafe Tensor binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null)
            {
                nint result;
                Native.Check(Native.tl_binary_cross_entropy_with_logits(input.Handle, target.Handle, weight is null ? 0 : weight.Handle, (long)reduction, pos_weights is null ? 0 : pos_weights.Handle, &result));
                GC.KeepAlive(input);
                GC.KeepAlive(target);
                GC.KeepAlive(weight);
                GC.KeepAlive(pos_weights);
                return new Tensor(result);
            }
        }
    }
}
