// Generated from Ops/ops.txt; edit that.
#include "shim.h"

EXPORT int tl_split_2(Handle self_, const int64_t* sizes_, int64_t sizes_count, int64_t dim_, Handle** out, int64_t* count) {
  return guard([&] { wrap_list(at::split_with_sizes((*self_), ints(sizes_, sizes_count), dim_), out, count); });
}
EXPORT int tl_split_3(Handle self_, const int64_t* sizes_, int64_t sizes_count, Handle** out, int64_t* count) {
  return guard([&] { wrap_list(at::split_with_sizes((*self_), ints(sizes_, sizes_count), 0), out, count); });
}
EXPORT int tl_tile(Handle self_, const int64_t* reps_, int64_t reps_count, Handle* out) {
  return guard([&] { *out = wrap(at::tile((*self_), ints(reps_, reps_count))); });
}
EXPORT int tl_swapaxes(Handle self_, int64_t dim0_, int64_t dim1_, Handle* out) {
  return guard([&] { *out = wrap(at::swapaxes((*self_), dim0_, dim1_)); });
}
EXPORT int tl_movedim(Handle self_, const int64_t* source_, int64_t source_count, const int64_t* destination_, int64_t destination_count, Handle* out) {
  return guard([&] { *out = wrap(at::movedim((*self_), ints(source_, source_count), ints(destination_, destination_count))); });
}
EXPORT int tl_index_select(Handle self_, int64_t dim_, Handle index_, Handle* out) {
  return guard([&] { *out = wrap(at::index_select((*self_), dim_, (*index_))); });
}
EXPORT int tl_index_add(Handle self_, int64_t dim_, Handle index_, Handle source_, NativeScalar alpha_, Handle* out) {
  return guard([&] { *out = wrap(at::index_add((*self_), dim_, (*index_), (*source_), scalar(alpha_))); });
}
EXPORT int tl_index_add_(Handle self_, int64_t dim_, Handle index_, Handle source_, NativeScalar alpha_) {
  return guard([&] { (*self_).index_add_(dim_, (*index_), (*source_), scalar(alpha_)); });
}
EXPORT int tl_index_copy(Handle self_, int64_t dim_, Handle index_, Handle source_, Handle* out) {
  return guard([&] { *out = wrap(at::index_copy((*self_), dim_, (*index_), (*source_))); });
}
EXPORT int tl_index_copy_(Handle self_, int64_t dim_, Handle index_, Handle source_) {
  return guard([&] { (*self_).index_copy_(dim_, (*index_), (*source_)); });
}
EXPORT int tl_index_fill(Handle self_, int64_t dim_, Handle index_, NativeScalar value_, Handle* out) {
  return guard([&] { *out = wrap(at::index_fill((*self_), dim_, (*index_), scalar(value_))); });
}
EXPORT int tl_index_fill_(Handle self_, int64_t dim_, Handle index_, NativeScalar value_) {
  return guard([&] { (*self_).index_fill_(dim_, (*index_), scalar(value_)); });
}
EXPORT int tl_gather(Handle self_, int64_t dim_, Handle index_, Handle* out) {
  return guard([&] { *out = wrap(at::gather((*self_), dim_, (*index_))); });
}
EXPORT int tl_scatter(Handle self_, int64_t dim_, Handle index_, Handle src_, Handle* out) {
  return guard([&] { *out = wrap(at::scatter((*self_), dim_, (*index_), (*src_))); });
}
EXPORT int tl_scatter_(Handle self_, int64_t dim_, Handle index_, Handle src_) {
  return guard([&] { (*self_).scatter_(dim_, (*index_), (*src_)); });
}
EXPORT int tl_scatter_add(Handle self_, int64_t dim_, Handle index_, Handle src_, Handle* out) {
  return guard([&] { *out = wrap(at::scatter_add((*self_), dim_, (*index_), (*src_))); });
}
EXPORT int tl_scatter_add_(Handle self_, int64_t dim_, Handle index_, Handle src_) {
  return guard([&] { (*self_).scatter_add_(dim_, (*index_), (*src_)); });
}
EXPORT int tl_take(Handle self_, Handle index_, Handle* out) {
  return guard([&] { *out = wrap(at::take((*self_), (*index_))); });
}
EXPORT int tl_take_along_dim(Handle self_, Handle indices_, int64_t dim_, Handle* out) {
  return guard([&] { *out = wrap(at::take_along_dim((*self_), (*indices_), dim_)); });
}
EXPORT int tl_masked_scatter(Handle self_, Handle mask_, Handle value_, Handle* out) {
  return guard([&] { *out = wrap(at::masked_scatter((*self_), (*mask_), (*value_))); });
}
EXPORT int tl_masked_scatter_(Handle self_, Handle mask_, Handle value_) {
  return guard([&] { (*self_).masked_scatter_((*mask_), (*value_)); });
}
EXPORT int tl_tril(Handle self_, int64_t diagonal_, Handle* out) {
  return guard([&] { *out = wrap(at::tril((*self_), diagonal_)); });
}
EXPORT int tl_triu(Handle self_, int64_t diagonal_, Handle* out) {
  return guard([&] { *out = wrap(at::triu((*self_), diagonal_)); });
}
EXPORT int tl_diag(Handle self_, int64_t diagonal_, Handle* out) {
  return guard([&] { *out = wrap(at::diag((*self_), diagonal_)); });
}
EXPORT int tl_diagonal(Handle self_, int64_t offset_, int64_t dim1_, int64_t dim2_, Handle* out) {
  return guard([&] { *out = wrap(at::diagonal((*self_), offset_, dim1_, dim2_)); });
}
EXPORT int tl_diag_embed(Handle self_, int64_t offset_, int64_t dim1_, int64_t dim2_, Handle* out) {
  return guard([&] { *out = wrap(at::diag_embed((*self_), offset_, dim1_, dim2_)); });
}
EXPORT int tl_as_strided(Handle self_, const int64_t* size_, int64_t size_count, const int64_t* strides_, int64_t strides_count, int64_t storageOffset_, Handle* out) {
  return guard([&] { *out = wrap(at::as_strided((*self_), ints(size_, size_count), ints(strides_, strides_count), storageOffset_)); });
}
EXPORT int tl_unfold(Handle self_, int64_t dimension_, int64_t size_, int64_t step_, Handle* out) {
  return guard([&] { *out = wrap((*self_).unfold(dimension_, size_, step_)); });
}
EXPORT int tl_bucketize(Handle self_, Handle boundaries_, bool outInt32_, bool right_, Handle* out) {
  return guard([&] { *out = wrap(at::bucketize((*self_), (*boundaries_), outInt32_, right_)); });
}
EXPORT int tl_clone(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::clone((*self_))); });
}
EXPORT int tl_alias(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::alias((*self_))); });
}
EXPORT int tl_contiguous(Handle self_, Handle* out) {
  return guard([&] { *out = wrap((*self_).contiguous()); });
}
EXPORT int tl_detach(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::detach((*self_))); });
}
EXPORT int tl_detach_(Handle self_) {
  return guard([&] { (*self_).detach_(); });
}
EXPORT int tl_fill_(Handle self_, NativeScalar value_) {
  return guard([&] { (*self_).fill_(scalar(value_)); });
}
EXPORT int tl_zero_(Handle self_) {
  return guard([&] { (*self_).zero_(); });
}
EXPORT int tl_copy_(Handle self_, Handle source_, bool nonBlocking_) {
  return guard([&] { (*self_).copy_((*source_), nonBlocking_); });
}
EXPORT int tl_normal_(Handle self_, double mean_, double std_, GeneratorHandle generator_) {
  return guard([&] { (*self_).normal_(mean_, std_, generator_opt(generator_)); });
}
EXPORT int tl_uniform_(Handle self_, double from_, double to_, GeneratorHandle generator_) {
  return guard([&] { (*self_).uniform_(from_, to_, generator_opt(generator_)); });
}
EXPORT int tl_random_(Handle self_, double from_, double to_, GeneratorHandle generator_) {
  return guard([&] { (*self_).random_(static_cast<int64_t>(from_), static_cast<int64_t>(to_), generator_opt(generator_)); });
}
EXPORT int tl_bernoulli(Handle self_, GeneratorHandle generator_, Handle* out) {
  return guard([&] { *out = wrap(at::bernoulli((*self_), generator_opt(generator_))); });
}
EXPORT int tl_bernoulli_(Handle self_, Handle p_, GeneratorHandle generator_) {
  return guard([&] { (*self_).bernoulli_((*p_), generator_opt(generator_)); });
}
EXPORT int tl_bernoulli__2(Handle self_, double p_, GeneratorHandle generator_) {
  return guard([&] { (*self_).bernoulli_(p_, generator_opt(generator_)); });
}
EXPORT int tl_multinomial(Handle self_, int64_t num_samples_, bool replacement_, GeneratorHandle generator_, Handle* out) {
  return guard([&] { *out = wrap(at::multinomial((*self_), num_samples_, replacement_, generator_opt(generator_))); });
}
EXPORT int tl_exponential_(Handle self_, double lambda_, GeneratorHandle generator_) {
  return guard([&] { (*self_).exponential_(lambda_, generator_opt(generator_)); });
}
EXPORT int tl_leaky_relu(Handle self_, NativeScalar negative_slope_, Handle* out) {
  return guard([&] { *out = wrap(at::leaky_relu((*self_), scalar(negative_slope_))); });
}
EXPORT int tl_elu(Handle self_, NativeScalar alpha_, NativeScalar scale_, NativeScalar input_scale_, Handle* out) {
  return guard([&] { *out = wrap(at::elu((*self_), scalar(alpha_), scalar(scale_), scalar(input_scale_))); });
}
EXPORT int tl_elu_2(Handle self_, double alpha_, Handle* out) {
  return guard([&] { *out = wrap(at::elu((*self_), alpha_)); });
}
EXPORT int tl_gelu(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::gelu((*self_))); });
}
EXPORT int tl_gelu_2(Handle self_, int64_t approximate_, Handle* out) {
  return guard([&] { *out = wrap(at::gelu((*self_), gelu_kind(approximate_))); });
}
EXPORT int tl_gelu_(Handle self_) {
  return guard([&] { at::gelu_((*self_)); });
}
EXPORT int tl_gelu__2(Handle self_, int64_t approximate_) {
  return guard([&] { at::gelu_((*self_), gelu_kind(approximate_)); });
}
EXPORT int tl_hardtanh(Handle self_, NativeScalar min_, NativeScalar max_, Handle* out) {
  return guard([&] { *out = wrap(at::hardtanh((*self_), scalar(min_), scalar(max_))); });
}
EXPORT int tl_cov(Handle self_, int64_t correction_, Handle fweights_, Handle aweights_, Handle* out) {
  return guard([&] { *out = wrap(at::cov((*self_), correction_, tensor_opt(fweights_), tensor_opt(aweights_))); });
}
EXPORT int tl_corrcoef(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::corrcoef((*self_))); });
}
EXPORT int tl_where_2(Handle condition_, Handle x_, Handle y_, Handle* out) {
  return guard([&] { *out = wrap(at::where((*condition_), (*x_), (*y_))); });
}
EXPORT int tl_sort_2(Handle input_, int64_t dim_, bool descending_, bool stable_, Handle* out) {
  return guard([&] { auto r = at::sort((*input_), stable_, dim_, descending_); out[0] = wrap(std::move(std::get<0>(r))); out[1] = wrap(std::move(std::get<1>(r))); });
}
EXPORT int tl_topk_2(Handle tensor_, int64_t k_, int64_t dim_, bool largest_, bool sorted_, Handle* out) {
  return guard([&] { auto r = at::topk((*tensor_), k_, dim_, largest_, sorted_); out[0] = wrap(std::move(std::get<0>(r))); out[1] = wrap(std::move(std::get<1>(r))); });
}
EXPORT int tl_amax_2(Handle input_, const int64_t* dims_, int64_t dims_count, Handle* out) {
  return guard([&] { *out = wrap(at::amax((*input_), ints(dims_, dims_count))); });
}
EXPORT int tl_cat(Handle const* tensors_, int64_t tensors_count, int64_t dim_, Handle* out) {
  return guard([&] { *out = wrap(at::cat(tensors(tensors_, tensors_count), dim_)); });
}
EXPORT int tl_cat_2(Handle const* tensors_, int64_t tensors_count, int64_t dim_, Handle* out) {
  return guard([&] { *out = wrap(at::cat(tensors(tensors_, tensors_count), dim_)); });
}
EXPORT int tl_cat_3(Handle const* tensors_, int64_t tensors_count, int64_t dim_, Handle* out) {
  return guard([&] { *out = wrap(at::cat(tensors(tensors_, tensors_count), dim_)); });
}
EXPORT int tl_concat(Handle const* tensors_, int64_t tensors_count, int64_t dim_, Handle* out) {
  return guard([&] { *out = wrap(at::cat(tensors(tensors_, tensors_count), dim_)); });
}
EXPORT int tl_concat_2(Handle const* tensors_, int64_t tensors_count, int64_t dim_, Handle* out) {
  return guard([&] { *out = wrap(at::cat(tensors(tensors_, tensors_count), dim_)); });
}
EXPORT int tl_concat_3(Handle const* tensors_, int64_t tensors_count, int64_t dim_, Handle* out) {
  return guard([&] { *out = wrap(at::cat(tensors(tensors_, tensors_count), dim_)); });
}
EXPORT int tl_stack(Handle const* tensors_, int64_t tensors_count, int64_t dim_, Handle* out) {
  return guard([&] { *out = wrap(at::stack(tensors(tensors_, tensors_count), dim_)); });
}
EXPORT int tl_block_diag(Handle const* tensors_, int64_t tensors_count, Handle* out) {
  return guard([&] { *out = wrap(at::block_diag(tensors(tensors_, tensors_count))); });
}
EXPORT int tl_norm_3(Handle input_, Handle* out) {
  return guard([&] { *out = wrap(at::norm((*input_))); });
}
EXPORT int tl_softmax_2(Handle input_, int64_t dim_, int64_t dtype_, Handle* out) {
  return guard([&] { *out = wrap(at::softmax((*input_), dim_, dtype_opt(dtype_))); });
}
EXPORT int tl_bincount_2(Handle input_, Handle weights_, int64_t minlength_, Handle* out) {
  return guard([&] { *out = wrap(at::bincount((*input_), tensor_opt(weights_), minlength_)); });
}
EXPORT int tl_addmm_2(Handle input_, Handle mat1_, Handle mat2_, double beta_, double alpha_, Handle* out) {
  return guard([&] { *out = wrap(at::addmm((*input_), (*mat1_), (*mat2_), beta_, alpha_)); });
}
EXPORT int tl_cholesky_2(Handle input_, Handle* out) {
  return guard([&] { *out = wrap(at::linalg_cholesky((*input_))); });
}
EXPORT int tl_cholesky_3(Handle input_, bool upper_, Handle* out) {
  return guard([&] { *out = wrap(at::linalg_cholesky((*input_), upper_)); });
}
EXPORT int tl_movedim_2(Handle input_, int64_t source_, int64_t destination_, Handle* out) {
  return guard([&] { *out = wrap(at::movedim((*input_), source_, destination_)); });
}
EXPORT int tl_take_along_dim_2(Handle input_, Handle indices_, int64_t dim_, Handle* out) {
  return guard([&] { *out = wrap(at::take_along_dim((*input_), (*indices_), dim_)); });
}
EXPORT int tl_searchsorted(Handle sorted_sequence_, Handle values_, bool out_int32_, bool right_, Handle sorter_, Handle* out) {
  return guard([&] { *out = wrap(at::searchsorted((*sorted_sequence_), (*values_), out_int32_, right_, NONE, tensor_opt(sorter_))); });
}
EXPORT int tl_einsum(const char* equation_, Handle const* tensors_, int64_t tensors_count, Handle* out) {
  return guard([&] { *out = wrap(at::einsum(equation_, tensors(tensors_, tensors_count))); });
}
EXPORT int tl_polar(Handle abs_, Handle angle_, Handle* out) {
  return guard([&] { *out = wrap(at::polar((*abs_), (*angle_))); });
}
EXPORT int tl_normal(Handle mean_, Handle std_, GeneratorHandle generator_, Handle* out) {
  return guard([&] { *out = wrap(at::normal((*mean_), (*std_), generator_opt(generator_))); });
}
EXPORT int tl_where_3(Handle condition_, Handle** out, int64_t* count) {
  return guard([&] { wrap_list(at::where((*condition_)), out, count); });
}
EXPORT int tl_meshgrid(Handle const* tensors_, int64_t tensors_count, const char* indexing_, Handle** out, int64_t* count) {
  return guard([&] { wrap_list(at::meshgrid(tensors(tensors_, tensors_count), indexing_), out, count); });
}
EXPORT int tl_cartesian_prod(Handle const* tensors_, int64_t tensors_count, Handle* out) {
  return guard([&] { *out = wrap(at::cartesian_prod(tensors(tensors_, tensors_count))); });
}
EXPORT int tl_linear(Handle input_, Handle weights_, Handle bias_, Handle* out) {
  return guard([&] { *out = wrap(at::linear((*input_), (*weights_), tensor_opt(bias_))); });
}
EXPORT int tl_conv1d(Handle input_, Handle weight_, Handle bias_, NativeLong stride_, NativeLong padding_, NativeLong dilation_, int64_t groups_, Handle* out) {
  return guard([&] { *out = wrap(at::conv1d((*input_), (*weight_), tensor_opt(bias_), long_opt(stride_).value_or(1), long_opt(padding_).value_or(0), long_opt(dilation_).value_or(1), groups_)); });
}
EXPORT int tl_conv2d(Handle input_, Handle weight_, Handle bias_, const int64_t* strides_, int64_t strides_count, const int64_t* padding_, int64_t padding_count, const int64_t* dilation_, int64_t dilation_count, int64_t groups_, Handle* out) {
  return guard([&] { *out = wrap(at::conv2d((*input_), (*weight_), tensor_opt(bias_), or_else(ints(strides_, strides_count), 1), or_else(ints(padding_, padding_count), 0), or_else(ints(dilation_, dilation_count), 1), groups_)); });
}
EXPORT int tl_conv_transpose2d(Handle input_, Handle weight_, Handle bias_, const int64_t* strides_, int64_t strides_count, const int64_t* padding_, int64_t padding_count, const int64_t* output_padding_, int64_t output_padding_count, const int64_t* dilation_, int64_t dilation_count, int64_t groups_, Handle* out) {
  return guard([&] { *out = wrap(at::conv_transpose2d((*input_), (*weight_), tensor_opt(bias_), or_else(ints(strides_, strides_count), 1), or_else(ints(padding_, padding_count), 0), or_else(ints(output_padding_, output_padding_count), 0), groups_, or_else(ints(dilation_, dilation_count), 1))); });
}
EXPORT int tl_group_norm(Handle input_, int64_t num_groups_, Handle weight_, Handle bias_, double eps_, Handle* out) {
  return guard([&] { *out = wrap(at::group_norm((*input_), num_groups_, tensor_opt(weight_), tensor_opt(bias_), eps_, true)); });
}
EXPORT int tl_layer_norm(Handle input_, const int64_t* normalized_shape_, int64_t normalized_shape_count, Handle weight_, Handle bias_, double eps_, Handle* out) {
  return guard([&] { *out = wrap(at::layer_norm((*input_), ints(normalized_shape_, normalized_shape_count), tensor_opt(weight_), tensor_opt(bias_), eps_, true)); });
}
EXPORT int tl_batch_norm(Handle input_, Handle running_mean_, Handle running_var_, Handle weight_, Handle bias_, bool training_, double momentum_, double eps_, Handle* out) {
  return guard([&] { *out = wrap(at::batch_norm((*input_), tensor_opt(weight_), tensor_opt(bias_), (*running_mean_), (*running_var_), training_, momentum_, eps_, true)); });
}
EXPORT int tl_silu_2(Handle x_, bool inplace_, Handle* out) {
  return guard([&] { *out = wrap(inplace_ ? at::silu_((*x_)) : at::silu((*x_))); });
}
EXPORT int tl_relu_2(Handle x_, bool inplace_, Handle* out) {
  return guard([&] { *out = wrap(inplace_ ? at::relu_((*x_)) : at::relu((*x_))); });
}
EXPORT int tl_tanh_2(Handle x_, bool inplace_, Handle* out) {
  return guard([&] { *out = wrap(inplace_ ? at::tanh_((*x_)) : at::tanh((*x_))); });
}
EXPORT int tl_sigmoid_2(Handle x_, Handle* out) {
  return guard([&] { *out = wrap(at::sigmoid((*x_))); });
}
EXPORT int tl_sigmoid_3(Handle x_, bool inplace_, Handle* out) {
  return guard([&] { *out = wrap(inplace_ ? at::sigmoid_((*x_)) : at::sigmoid((*x_))); });
}
EXPORT int tl_gelu_3(Handle x_, Handle* out) {
  return guard([&] { *out = wrap(at::gelu((*x_))); });
}
EXPORT int tl_gelu_4(Handle x_, bool inplace_, Handle* out) {
  return guard([&] { *out = wrap(inplace_ ? at::gelu_((*x_)) : at::gelu((*x_))); });
}
EXPORT int tl_gelu_5(Handle x_, int64_t approximate_, bool inplace_, Handle* out) {
  return guard([&] { *out = wrap(inplace_ ? at::gelu_((*x_), gelu_kind(approximate_)) : at::gelu((*x_), gelu_kind(approximate_))); });
}
EXPORT int tl_leaky_relu_2(Handle input_, double negative_slope_, bool inplace_, Handle* out) {
  return guard([&] { *out = wrap(inplace_ ? at::leaky_relu_((*input_), negative_slope_) : at::leaky_relu((*input_), negative_slope_)); });
}
EXPORT int tl_elu_3(Handle x_, double alpha_, bool inplace_, Handle* out) {
  return guard([&] { *out = wrap(inplace_ ? at::elu_((*x_), alpha_) : at::elu((*x_), alpha_)); });
}
EXPORT int tl_softplus_2(Handle x_, double beta_, double threshold_, Handle* out) {
  return guard([&] { *out = wrap(at::softplus((*x_), beta_, threshold_)); });
}
EXPORT int tl_logsigmoid(Handle x_, Handle* out) {
  return guard([&] { *out = wrap(at::log_sigmoid((*x_))); });
}
EXPORT int tl_softmax_3(Handle input_, int64_t dim_, int64_t dtype_, Handle* out) {
  return guard([&] { *out = wrap(at::softmax((*input_), dim_, dtype_opt(dtype_))); });
}
EXPORT int tl_log_softmax_2(Handle x_, int64_t dim_, Handle* out) {
  return guard([&] { *out = wrap(at::log_softmax((*x_), dim_)); });
}
EXPORT int tl_glu(Handle input_, int64_t dim_, Handle* out) {
  return guard([&] { *out = wrap(at::glu((*input_), dim_)); });
}
EXPORT int tl_dropout(Handle input_, double p_, bool training_, bool inplace_, Handle* out) {
  return guard([&] { *out = wrap(inplace_ ? at::dropout_((*input_), p_, training_) : at::dropout((*input_), p_, training_)); });
}
EXPORT int tl_scaled_dot_product_attention(Handle query_, Handle key_, Handle value_, Handle attn_mask_, double p_, bool is_casual_, Handle* out) {
  return guard([&] { *out = wrap(attention((*query_), (*key_), (*value_), tensor_opt(attn_mask_), p_, is_casual_)); });
}
EXPORT int tl_interpolate(Handle x_, const int64_t* size_, int64_t size_count, const double* scale_factor_, int64_t scale_factor_count, int64_t mode_, int64_t align_corners_, bool recompute_scale_factor_, bool antialias_, Handle* out) {
  return guard([&] { *out = wrap(interpolate((*x_), ints_opt(size_, size_count), doubles_opt(scale_factor_, scale_factor_count), mode_, align_corners_)); });
}
EXPORT int tl_upsample_nearest2d(Handle input_, const int64_t* outputSizes_, int64_t outputSizes_count, const double* scaleFactors_, int64_t scaleFactors_count, Handle* out) {
  return guard([&] { *out = wrap(interpolate((*input_), ints_opt(outputSizes_, outputSizes_count), doubles_opt(scaleFactors_, scaleFactors_count), 0, 0)); });
}
EXPORT int tl_avg_pool2d(Handle input_, int64_t kernel_size_, NativeLong stride_, int64_t padding_, bool ceil_mode_, bool count_include_pad_, NativeLong divisor_override_, Handle* out) {
  return guard([&] { *out = wrap(at::avg_pool2d((*input_), kernel_size_, dim_list(long_opt(stride_)), padding_, ceil_mode_, count_include_pad_, long_opt(divisor_override_))); });
}
EXPORT int tl_avg_pool2d_2(Handle input_, const int64_t* kernel_size_, int64_t kernel_size_count, const int64_t* stride_, int64_t stride_count, const int64_t* padding_, int64_t padding_count, bool ceil_mode_, bool count_include_pad_, NativeLong divisor_override_, Handle* out) {
  return guard([&] { *out = wrap(at::avg_pool2d((*input_), ints(kernel_size_, kernel_size_count), ints(stride_, stride_count), or_else(ints(padding_, padding_count), 0), ceil_mode_, count_include_pad_, long_opt(divisor_override_))); });
}
EXPORT int tl_max_pool2d(Handle input_, int64_t kernel_size_, NativeLong stride_, NativeLong padding_, NativeLong dilation_, bool ceil_mode_, Handle* out) {
  return guard([&] { *out = wrap(at::max_pool2d((*input_), kernel_size_, dim_list(long_opt(stride_)), long_opt(padding_).value_or(0), long_opt(dilation_).value_or(1), ceil_mode_)); });
}
EXPORT int tl_adaptive_avg_pool2d(Handle input_, int64_t output_size_, Handle* out) {
  return guard([&] { *out = wrap(at::adaptive_avg_pool2d((*input_), {output_size_, output_size_})); });
}
EXPORT int tl_adaptive_avg_pool2d_2(Handle input_, const int64_t* output_size_, int64_t output_size_count, Handle* out) {
  return guard([&] { *out = wrap(at::adaptive_avg_pool2d((*input_), ints(output_size_, output_size_count))); });
}
EXPORT int tl_pad(Handle input_, const int64_t* pad_, int64_t pad_count, int64_t mode_, double value_, Handle* out) {
  return guard([&] { *out = wrap(::pad((*input_), ints(pad_, pad_count), mode_, value_)); });
}
EXPORT int tl_pad_2(Handle input_, const int64_t* pad_, int64_t pad_count, int64_t mode_, double value_, Handle* out) {
  return guard([&] { *out = wrap(::pad((*input_), ints(pad_, pad_count), mode_, value_)); });
}
EXPORT int tl_one_hot(Handle x_, int64_t num_classes_, Handle* out) {
  return guard([&] { *out = wrap(at::one_hot((*x_), num_classes_)); });
}
EXPORT int tl_pixel_shuffle(Handle input_, int64_t upscale_factor_, Handle* out) {
  return guard([&] { *out = wrap(at::pixel_shuffle((*input_), upscale_factor_)); });
}
EXPORT int tl_pixel_unshuffle(Handle input_, int64_t downscale_factor_, Handle* out) {
  return guard([&] { *out = wrap(at::pixel_unshuffle((*input_), downscale_factor_)); });
}
EXPORT int tl_unfold_2(Handle input_, int64_t kernel_size_, int64_t dilation_, int64_t padding_, int64_t stride_, Handle* out) {
  return guard([&] { *out = wrap(at::im2col((*input_), {kernel_size_, kernel_size_}, {dilation_, dilation_}, {padding_, padding_}, {stride_, stride_})); });
}
EXPORT int tl_cosine_similarity(Handle x1_, Handle x2_, int64_t dim_, double eps_, Handle* out) {
  return guard([&] { *out = wrap(at::cosine_similarity((*x1_), (*x2_), dim_, eps_)); });
}
EXPORT int tl_mse_loss(Handle input_, Handle target_, int64_t reduction_, Handle* out) {
  return guard([&] { *out = wrap(at::mse_loss((*input_), (*target_), reduction_)); });
}
EXPORT int tl_l1_loss(Handle input_, Handle target_, int64_t reduction_, Handle* out) {
  return guard([&] { *out = wrap(at::l1_loss((*input_), (*target_), reduction_)); });
}
EXPORT int tl_smooth_l1_loss(Handle input_, Handle target_, int64_t reduction_, double beta_, Handle* out) {
  return guard([&] { *out = wrap(at::smooth_l1_loss((*input_), (*target_), reduction_, beta_)); });
}
EXPORT int tl_huber_loss(Handle input_, Handle target_, double delta_, int64_t reduction_, Handle* out) {
  return guard([&] { *out = wrap(at::huber_loss((*input_), (*target_), reduction_, delta_)); });
}
EXPORT int tl_cross_entropy(Handle input_, Handle target_, Handle weight_, int64_t ignore_index_, int64_t reduction_, double label_smoothing_, Handle* out) {
  return guard([&] { *out = wrap(at::cross_entropy_loss((*input_), (*target_), tensor_opt(weight_), reduction_, ignore_index_, label_smoothing_)); });
}
EXPORT int tl_nll_loss(Handle input_, Handle target_, Handle weight_, int64_t reduction_, Handle* out) {
  return guard([&] { *out = wrap(at::nll_loss((*input_), (*target_), tensor_opt(weight_), reduction_)); });
}
EXPORT int tl_kl_div(Handle input_, Handle target_, bool log_target_, int64_t reduction_, Handle* out) {
  return guard([&] { *out = wrap(at::kl_div((*input_), (*target_), reduction_, log_target_)); });
}
EXPORT int tl_binary_cross_entropy_with_logits(Handle input_, Handle target_, Handle weight_, int64_t reduction_, Handle pos_weights_, Handle* out) {
  return guard([&] { *out = wrap(at::binary_cross_entropy_with_logits((*input_), (*target_), tensor_opt(weight_), tensor_opt(pos_weights_), reduction_)); });
}
EXPORT int tl_embedding(Handle weight_, Handle input_, int64_t padding_idx_, Handle* out) {
  return guard([&] { *out = wrap(at::embedding((*weight_), (*input_), padding_idx_)); });
}
EXPORT int tl_rsub(Handle input_, NativeScalar other_, Handle* out) {
  return guard([&] { *out = wrap(at::rsub((*input_), scalar(other_))); });
}
