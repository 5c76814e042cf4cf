// Generated from Ops/ops.txt; edit that.
#include "shim.h"

EXPORT int tl_bitwise_and(Handle self_, Handle other_, Handle* out) {
  return guard([&] { *out = wrap(at::bitwise_and((*self_), (*other_))); });
}
EXPORT int tl_bitwise_or(Handle self_, Handle other_, Handle* out) {
  return guard([&] { *out = wrap(at::bitwise_or((*self_), (*other_))); });
}
EXPORT int tl_bitwise_xor(Handle self_, Handle other_, Handle* out) {
  return guard([&] { *out = wrap(at::bitwise_xor((*self_), (*other_))); });
}
EXPORT int tl_addcmul(Handle self_, Handle tensor1_, Handle tensor2_, NativeScalar value_, Handle* out) {
  return guard([&] { *out = wrap(at::addcmul((*self_), (*tensor1_), (*tensor2_), scalar(value_))); });
}
EXPORT int tl_addcmul_(Handle self_, Handle tensor1_, Handle tensor2_, NativeScalar value_) {
  return guard([&] { (*self_).addcmul_((*tensor1_), (*tensor2_), scalar(value_)); });
}
EXPORT int tl_addcdiv(Handle self_, Handle tensor1_, Handle tensor2_, Handle* out) {
  return guard([&] { *out = wrap(at::addcdiv((*self_), (*tensor1_), (*tensor2_), 1)); });
}
EXPORT int tl_addcdiv_2(Handle self_, Handle tensor1_, Handle tensor2_, NativeScalar value_, Handle* out) {
  return guard([&] { *out = wrap(at::addcdiv((*self_), (*tensor1_), (*tensor2_), scalar(value_))); });
}
EXPORT int tl_addcdiv_(Handle self_, Handle tensor1_, Handle tensor2_) {
  return guard([&] { (*self_).addcdiv_((*tensor1_), (*tensor2_), 1); });
}
EXPORT int tl_addcdiv__2(Handle self_, Handle tensor1_, Handle tensor2_, NativeScalar value_) {
  return guard([&] { (*self_).addcdiv_((*tensor1_), (*tensor2_), scalar(value_)); });
}
EXPORT int tl_lerp(Handle self_, Handle end_, Handle weight_, Handle* out) {
  return guard([&] { *out = wrap(at::lerp((*self_), (*end_), (*weight_))); });
}
EXPORT int tl_lerp_(Handle self_, Handle end_, Handle weight_) {
  return guard([&] { (*self_).lerp_((*end_), (*weight_)); });
}
EXPORT int tl_clamp(Handle self_, Handle min_, Handle max_, Handle* out) {
  return guard([&] { *out = wrap(at::clamp((*self_), tensor_opt(min_), tensor_opt(max_))); });
}
EXPORT int tl_clamp_2(Handle self_, NativeScalar min_, NativeScalar max_, Handle* out) {
  return guard([&] { *out = wrap(at::clamp((*self_), scalar_opt(min_), scalar_opt(max_))); });
}
EXPORT int tl_clamp_(Handle self_, Handle min_, Handle max_) {
  return guard([&] { (*self_).clamp_(tensor_opt(min_), tensor_opt(max_)); });
}
EXPORT int tl_clamp__2(Handle self_, NativeScalar min_, NativeScalar max_) {
  return guard([&] { (*self_).clamp_(scalar_opt(min_), scalar_opt(max_)); });
}
EXPORT int tl_clamp_min(Handle self_, NativeScalar min_, Handle* out) {
  return guard([&] { *out = wrap(at::clamp_min((*self_), scalar(min_))); });
}
EXPORT int tl_clamp_min_(Handle self_, NativeScalar min_) {
  return guard([&] { (*self_).clamp_min_(scalar(min_)); });
}
EXPORT int tl_clamp_max(Handle self_, NativeScalar max_, Handle* out) {
  return guard([&] { *out = wrap(at::clamp_max((*self_), scalar(max_))); });
}
EXPORT int tl_clamp_max_(Handle self_, NativeScalar max_) {
  return guard([&] { (*self_).clamp_max_(scalar(max_)); });
}
EXPORT int tl_clip(Handle self_, NativeScalar min_, NativeScalar max_, Handle* out) {
  return guard([&] { *out = wrap(at::clip((*self_), scalar_opt(min_), scalar_opt(max_))); });
}
EXPORT int tl_nan_to_num(Handle self_, double nan_, NativeDouble posinf_, NativeDouble neginf_, Handle* out) {
  return guard([&] { *out = wrap(at::nan_to_num((*self_), nan_, double_opt(posinf_), double_opt(neginf_))); });
}
EXPORT int tl_nan_to_num_(Handle self_, double nan_, NativeDouble posinf_, NativeDouble neginf_) {
  return guard([&] { (*self_).nan_to_num_(nan_, double_opt(posinf_), double_opt(neginf_)); });
}
EXPORT int tl_masked_fill(Handle self_, Handle mask_, NativeScalar value_, Handle* out) {
  return guard([&] { *out = wrap(at::masked_fill((*self_), (*mask_), scalar(value_))); });
}
EXPORT int tl_masked_fill_(Handle self_, Handle mask_, NativeScalar value_) {
  return guard([&] { (*self_).masked_fill_((*mask_), scalar(value_)); });
}
EXPORT int tl_masked_select(Handle self_, Handle mask_, Handle* out) {
  return guard([&] { *out = wrap(at::masked_select((*self_), (*mask_))); });
}
EXPORT int tl_where(Handle self_, Handle condition_, Handle y_, Handle* out) {
  return guard([&] { *out = wrap(at::where((*condition_), (*self_), (*y_))); });
}
EXPORT int tl_isclose(Handle self_, Handle other_, double rtol_, double atol_, bool nanEqual_, Handle* out) {
  return guard([&] { *out = wrap(at::isclose((*self_), (*other_), rtol_, atol_, nanEqual_)); });
}
EXPORT int tl_allclose(Handle self_, Handle target_, double rtol_, double atol_, bool equal_nan_, bool* out) {
  return guard([&] { *out = at::allclose((*self_), (*target_), rtol_, atol_, equal_nan_); });
}
EXPORT int tl_equal(Handle self_, Handle target_, Handle* out) {
  return guard([&] { *out = wrap(at::eq((*self_), (*target_))); });
}
EXPORT int tl_all(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::all((*self_))); });
}
EXPORT int tl_all_2(Handle self_, int64_t dim_, bool keepdim_, Handle* out) {
  return guard([&] { *out = wrap(at::all((*self_), dim_, keepdim_)); });
}
EXPORT int tl_any(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::any((*self_))); });
}
EXPORT int tl_any_2(Handle self_, int64_t dim_, bool keepdim_, Handle* out) {
  return guard([&] { *out = wrap(at::any((*self_), dim_, keepdim_)); });
}
EXPORT int tl_sum(Handle self_, int64_t type_, Handle* out) {
  return guard([&] { *out = wrap(at::sum((*self_), dtype_opt(type_))); });
}
EXPORT int tl_sum_2(Handle self_, const int64_t* dim_, int64_t dim_count, bool keepdim_, int64_t type_, Handle* out) {
  return guard([&] { *out = wrap(at::sum((*self_), ints(dim_, dim_count), keepdim_, dtype_opt(type_))); });
}
EXPORT int tl_sum_3(Handle self_, int64_t dim_, bool keepdim_, int64_t type_, Handle* out) {
  return guard([&] { *out = wrap(at::sum((*self_), at::IntArrayRef(dim_), keepdim_, dtype_opt(type_))); });
}
EXPORT int tl_sum_4(Handle self_, int64_t dim0_, int64_t dim1_, bool keepdim_, int64_t type_, Handle* out) {
  return guard([&] { *out = wrap(at::sum((*self_), at::IntArrayRef({dim0_, dim1_}), keepdim_, dtype_opt(type_))); });
}
EXPORT int tl_sum_5(Handle self_, int64_t dim0_, int64_t dim1_, int64_t dim2_, bool keepdim_, int64_t type_, Handle* out) {
  return guard([&] { *out = wrap(at::sum((*self_), at::IntArrayRef({dim0_, dim1_, dim2_}), keepdim_, dtype_opt(type_))); });
}
EXPORT int tl_sum_6(Handle self_, const int64_t* dim_, int64_t dim_count, bool keepdim_, int64_t type_, Handle* out) {
  return guard([&] { *out = wrap(at::sum((*self_), ints(dim_, dim_count), keepdim_, dtype_opt(type_))); });
}
EXPORT int tl_mean(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::mean((*self_))); });
}
EXPORT int tl_mean_2(Handle self_, const int64_t* dimensions_, int64_t dimensions_count, bool keepdim_, int64_t type_, Handle* out) {
  return guard([&] { *out = wrap(at::mean((*self_), ints(dimensions_, dimensions_count), keepdim_, dtype_opt(type_))); });
}
EXPORT int tl_std(Handle self_, bool unbiased_, Handle* out) {
  return guard([&] { *out = wrap(at::std((*self_), unbiased_)); });
}
EXPORT int tl_std_2(Handle self_, int64_t dim_, bool unbiased_, bool keepdim_, int64_t type_, Handle* out) {
  return guard([&] { *out = wrap(at::std(cast((*self_), dtype_opt(type_)), at::IntArrayRef(dim_), unbiased_, keepdim_)); });
}
EXPORT int tl_std_3(Handle self_, const int64_t* dimensions_, int64_t dimensions_count, bool unbiased_, bool keepdim_, int64_t type_, Handle* out) {
  return guard([&] { *out = wrap(at::std(cast((*self_), dtype_opt(type_)), ints(dimensions_, dimensions_count), unbiased_, keepdim_)); });
}
EXPORT int tl_var(Handle self_, bool unbiased_, Handle* out) {
  return guard([&] { *out = wrap(at::var((*self_), unbiased_)); });
}
EXPORT int tl_var_2(Handle self_, int64_t dim_, bool unbiased_, bool keepdim_, int64_t type_, Handle* out) {
  return guard([&] { *out = wrap(at::var(cast((*self_), dtype_opt(type_)), at::IntArrayRef(dim_), unbiased_, keepdim_)); });
}
EXPORT int tl_var_3(Handle self_, const int64_t* dimensions_, int64_t dimensions_count, bool unbiased_, bool keepdim_, int64_t type_, Handle* out) {
  return guard([&] { *out = wrap(at::var(cast((*self_), dtype_opt(type_)), ints(dimensions_, dimensions_count), unbiased_, keepdim_)); });
}
EXPORT int tl_std_mean(Handle self_, bool unbiased_, Handle* out) {
  return guard([&] { auto r = at::std_mean((*self_), unbiased_); out[0] = wrap(std::move(std::get<0>(r))); out[1] = wrap(std::move(std::get<1>(r))); });
}
EXPORT int tl_std_mean_2(Handle self_, int64_t dim_, bool unbiased_, bool keepdim_, int64_t type_, Handle* out) {
  return guard([&] { auto r = at::std_mean(cast((*self_), dtype_opt(type_)), at::IntArrayRef(dim_), unbiased_, keepdim_); out[0] = wrap(std::move(std::get<0>(r))); out[1] = wrap(std::move(std::get<1>(r))); });
}
EXPORT int tl_std_mean_3(Handle self_, const int64_t* dimensions_, int64_t dimensions_count, bool unbiased_, bool keepdim_, int64_t type_, Handle* out) {
  return guard([&] { auto r = at::std_mean(cast((*self_), dtype_opt(type_)), ints(dimensions_, dimensions_count), unbiased_, keepdim_); out[0] = wrap(std::move(std::get<0>(r))); out[1] = wrap(std::move(std::get<1>(r))); });
}
EXPORT int tl_var_mean(Handle self_, bool unbiased_, Handle* out) {
  return guard([&] { auto r = at::var_mean((*self_), unbiased_); out[0] = wrap(std::move(std::get<0>(r))); out[1] = wrap(std::move(std::get<1>(r))); });
}
EXPORT int tl_var_mean_2(Handle self_, int64_t dim_, bool unbiased_, bool keepdim_, int64_t type_, Handle* out) {
  return guard([&] { auto r = at::var_mean(cast((*self_), dtype_opt(type_)), at::IntArrayRef(dim_), unbiased_, keepdim_); out[0] = wrap(std::move(std::get<0>(r))); out[1] = wrap(std::move(std::get<1>(r))); });
}
EXPORT int tl_prod(Handle self_, int64_t type_, Handle* out) {
  return guard([&] { *out = wrap(at::prod((*self_), dtype_opt(type_))); });
}
EXPORT int tl_prod_2(Handle self_, int64_t dim_, bool keepdim_, int64_t type_, Handle* out) {
  return guard([&] { *out = wrap(at::prod((*self_), dim_, keepdim_, dtype_opt(type_))); });
}
EXPORT int tl_max(Handle self_, int64_t dim_, bool keepdim_, Handle* out) {
  return guard([&] { auto r = at::max((*self_), dim_, keepdim_); out[0] = wrap(std::move(std::get<0>(r))); out[1] = wrap(std::move(std::get<1>(r))); });
}
EXPORT int tl_max_2(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::max((*self_))); });
}
EXPORT int tl_max_3(Handle self_, Handle other_, Handle* out) {
  return guard([&] { *out = wrap(at::max((*self_), (*other_))); });
}
EXPORT int tl_min(Handle self_, int64_t dim_, bool keepdim_, Handle* out) {
  return guard([&] { auto r = at::min((*self_), dim_, keepdim_); out[0] = wrap(std::move(std::get<0>(r))); out[1] = wrap(std::move(std::get<1>(r))); });
}
EXPORT int tl_min_2(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::min((*self_))); });
}
EXPORT int tl_min_3(Handle self_, Handle other_, Handle* out) {
  return guard([&] { *out = wrap(at::min((*self_), (*other_))); });
}
EXPORT int tl_amax(Handle self_, const int64_t* dims_, int64_t dims_count, Handle* out) {
  return guard([&] { *out = wrap(at::amax((*self_), ints(dims_, dims_count))); });
}
EXPORT int tl_amin(Handle self_, const int64_t* dims_, int64_t dims_count, Handle* out) {
  return guard([&] { *out = wrap(at::amin((*self_), ints(dims_, dims_count))); });
}
EXPORT int tl_argmax(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::argmax((*self_))); });
}
EXPORT int tl_argmax_2(Handle self_, int64_t dim_, bool keepdim_, Handle* out) {
  return guard([&] { *out = wrap(at::argmax((*self_), dim_, keepdim_)); });
}
EXPORT int tl_argmin(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::argmin((*self_))); });
}
EXPORT int tl_argmin_2(Handle self_, int64_t dim_, bool keepdim_, Handle* out) {
  return guard([&] { *out = wrap(at::argmin((*self_), dim_, keepdim_)); });
}
EXPORT int tl_argsort(Handle self_, int64_t dim_, bool descending_, Handle* out) {
  return guard([&] { *out = wrap(at::argsort((*self_), dim_, descending_)); });
}
EXPORT int tl_sort(Handle self_, int64_t dim_, bool descending_, bool stable_, Handle* out) {
  return guard([&] { auto r = at::sort((*self_), stable_, dim_, descending_); out[0] = wrap(std::move(std::get<0>(r))); out[1] = wrap(std::move(std::get<1>(r))); });
}
EXPORT int tl_topk(Handle self_, int64_t k_, int64_t dim_, bool largest_, bool sorted_, Handle* out) {
  return guard([&] { auto r = at::topk((*self_), k_, dim_, largest_, sorted_); out[0] = wrap(std::move(std::get<0>(r))); out[1] = wrap(std::move(std::get<1>(r))); });
}
EXPORT int tl_kthvalue(Handle self_, int64_t k_, NativeLong dim_, bool keepdim_, Handle* out) {
  return guard([&] { auto r = at::kthvalue((*self_), k_, long_opt(dim_).value_or(-1), keepdim_); out[0] = wrap(std::move(std::get<0>(r))); out[1] = wrap(std::move(std::get<1>(r))); });
}
EXPORT int tl_median(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::median((*self_))); });
}
EXPORT int tl_quantile(Handle self_, Handle q_, int64_t dim_, bool keepdim_, Handle* out) {
  return guard([&] { *out = wrap(at::quantile((*self_), (*q_), dim_, keepdim_, "linear")); });
}
EXPORT int tl_norm(Handle self_, double p_, Handle* out) {
  return guard([&] { *out = wrap(at::norm((*self_), p_)); });
}
EXPORT int tl_norm_2(Handle self_, int64_t dim_, bool keepdim_, double p_, Handle* out) {
  return guard([&] { *out = wrap(at::norm((*self_), at::Scalar(p_), at::IntArrayRef(dim_), keepdim_)); });
}
EXPORT int tl_cumsum(Handle self_, int64_t dim_, int64_t type_, Handle* out) {
  return guard([&] { *out = wrap(at::cumsum((*self_), dim_, dtype_opt(type_))); });
}
EXPORT int tl_cumprod(Handle self_, int64_t dim_, int64_t type_, Handle* out) {
  return guard([&] { *out = wrap(at::cumprod((*self_), dim_, dtype_opt(type_))); });
}
EXPORT int tl_logsumexp(Handle self_, int64_t dim_, bool keepdim_, Handle* out) {
  return guard([&] { *out = wrap(at::logsumexp((*self_), dim_, keepdim_)); });
}
EXPORT int tl_softmax(Handle self_, int64_t dim_, int64_t dtype_, Handle* out) {
  return guard([&] { *out = wrap(at::softmax((*self_), dim_, dtype_opt(dtype_))); });
}
EXPORT int tl_log_softmax(Handle self_, int64_t dim_, int64_t dtype_, Handle* out) {
  return guard([&] { *out = wrap(at::log_softmax((*self_), dim_, dtype_opt(dtype_))); });
}
EXPORT int tl_count_nonzero(Handle self_, const int64_t* dims_, int64_t dims_count, Handle* out) {
  return guard([&] { *out = wrap(at::count_nonzero((*self_), ints(dims_, dims_count))); });
}
EXPORT int tl_nonzero(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::nonzero((*self_))); });
}
EXPORT int tl_unique(Handle self_, bool sorted_, bool return_inverse_, bool return_counts_, NativeLong dim_, Handle* out) {
  return guard([&] { auto r = unique((*self_), sorted_, return_inverse_, return_counts_, long_opt(dim_)); out[0] = wrap(std::move(std::get<0>(r))); out[1] = wrap(std::move(std::get<1>(r))); out[2] = wrap(std::move(std::get<2>(r))); });
}
EXPORT int tl_bincount(Handle self_, Handle weights_, int64_t minlength_, Handle* out) {
  return guard([&] { *out = wrap(at::bincount((*self_), (*weights_), minlength_)); });
}
EXPORT int tl_diff(Handle self_, int64_t n_, int64_t dim_, Handle prepend_, Handle append_, Handle* out) {
  return guard([&] { *out = wrap(at::diff((*self_), n_, dim_, tensor_opt(prepend_), tensor_opt(append_))); });
}
EXPORT int tl_dist(Handle self_, Handle other_, double p_, Handle* out) {
  return guard([&] { *out = wrap(at::dist((*self_), (*other_), p_)); });
}
EXPORT int tl_histc(Handle self_, int64_t bins_, int64_t min_, int64_t max_, Handle* out) {
  return guard([&] { *out = wrap(at::histc((*self_), bins_, min_, max_)); });
}
EXPORT int tl_matmul(Handle self_, Handle target_, Handle* out) {
  return guard([&] { *out = wrap(at::matmul((*self_), (*target_))); });
}
EXPORT int tl_mm(Handle self_, Handle target_, Handle* out) {
  return guard([&] { *out = wrap(at::mm((*self_), (*target_))); });
}
EXPORT int tl_bmm(Handle self_, Handle batch2_, Handle* out) {
  return guard([&] { *out = wrap(at::bmm((*self_), (*batch2_))); });
}
EXPORT int tl_mv(Handle self_, Handle target_, Handle* out) {
  return guard([&] { *out = wrap(at::mv((*self_), (*target_))); });
}
EXPORT int tl_dot(Handle self_, Handle target_, Handle* out) {
  return guard([&] { *out = wrap(at::dot((*self_), (*target_))); });
}
EXPORT int tl_outer(Handle self_, Handle vec2_, Handle* out) {
  return guard([&] { *out = wrap(at::outer((*self_), (*vec2_))); });
}
EXPORT int tl_addmm(Handle self_, Handle mat1_, Handle mat2_, double beta_, double alpha_, Handle* out) {
  return guard([&] { *out = wrap(at::addmm((*self_), (*mat1_), (*mat2_), beta_, alpha_)); });
}
EXPORT int tl_addmm_(Handle self_, Handle mat1_, Handle mat2_, double beta_, double alpha_) {
  return guard([&] { (*self_).addmm_((*mat1_), (*mat2_), beta_, alpha_); });
}
EXPORT int tl_baddbmm(Handle self_, Handle batch1_, Handle batch2_, double beta_, double alpha_, Handle* out) {
  return guard([&] { *out = wrap(at::baddbmm((*self_), (*batch1_), (*batch2_), beta_, alpha_)); });
}
EXPORT int tl_inverse(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::inverse((*self_))); });
}
EXPORT int tl_cholesky(Handle self_, bool upper_, Handle* out) {
  return guard([&] { *out = wrap(at::linalg_cholesky((*self_), upper_)); });
}
EXPORT int tl_det(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::det((*self_))); });
}
EXPORT int tl_logdet(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::logdet((*self_))); });
}
EXPORT int tl_trace(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::trace((*self_))); });
}
EXPORT int tl_reshape(Handle self_, const int64_t* shape_, int64_t shape_count, Handle* out) {
  return guard([&] { *out = wrap(at::reshape((*self_), ints(shape_, shape_count))); });
}
EXPORT int tl_view(Handle self_, const int64_t* shape_, int64_t shape_count, Handle* out) {
  return guard([&] { *out = wrap((*self_).view(ints(shape_, shape_count))); });
}
EXPORT int tl_view_as(Handle self_, Handle other_, Handle* out) {
  return guard([&] { *out = wrap((*self_).view((*other_).sizes())); });
}
EXPORT int tl_flatten(Handle self_, int64_t start_dim_, int64_t end_dim_, Handle* out) {
  return guard([&] { *out = wrap(at::flatten((*self_), start_dim_, end_dim_)); });
}
EXPORT int tl_unflatten(Handle self_, int64_t dim_, const int64_t* sizes_, int64_t sizes_count, Handle* out) {
  return guard([&] { *out = wrap(at::reshape((*self_), unflattened((*self_), dim_, ints(sizes_, sizes_count)))); });
}
EXPORT int tl_squeeze(Handle self_, NativeLong dim_, Handle* out) {
  return guard([&] { *out = wrap(long_opt(dim_) ? at::squeeze((*self_), *long_opt(dim_)) : at::squeeze((*self_))); });
}
EXPORT int tl_squeeze_(Handle self_, NativeLong dim_) {
  return guard([&] { long_opt(dim_) ? (*self_).squeeze_(*long_opt(dim_)) : (*self_).squeeze_(); });
}
EXPORT int tl_unsqueeze(Handle self_, int64_t dim_, Handle* out) {
  return guard([&] { *out = wrap(at::unsqueeze((*self_), dim_)); });
}
EXPORT int tl_unsqueeze_(Handle self_, int64_t dim_) {
  return guard([&] { (*self_).unsqueeze_(dim_); });
}
EXPORT int tl_transpose(Handle self_, int64_t dim0_, int64_t dim1_, Handle* out) {
  return guard([&] { *out = wrap(at::transpose((*self_), dim0_, dim1_)); });
}
EXPORT int tl_t(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::t((*self_))); });
}
EXPORT int tl_permute(Handle self_, const int64_t* permutation_, int64_t permutation_count, Handle* out) {
  return guard([&] { *out = wrap(at::permute((*self_), ints(permutation_, permutation_count))); });
}
EXPORT int tl_expand(Handle self_, const int64_t* sizes_, int64_t sizes_count, bool isImplicit_, Handle* out) {
  return guard([&] { *out = wrap((*self_).expand(ints(sizes_, sizes_count))); });
}
EXPORT int tl_expand_2(Handle self_, const int64_t* sizes_, int64_t sizes_count, bool isImplicit_, Handle* out) {
  return guard([&] { *out = wrap((*self_).expand(ints(sizes_, sizes_count))); });
}
EXPORT int tl_expand_3(Handle self_, const int64_t* sizes_, int64_t sizes_count, Handle* out) {
  return guard([&] { *out = wrap((*self_).expand(ints(sizes_, sizes_count))); });
}
EXPORT int tl_expand_as(Handle self_, Handle other_, Handle* out) {
  return guard([&] { *out = wrap((*self_).expand_as((*other_))); });
}
EXPORT int tl_broadcast_to(Handle self_, const int64_t* shape_, int64_t shape_count, Handle* out) {
  return guard([&] { *out = wrap(at::broadcast_to((*self_), ints(shape_, shape_count))); });
}
EXPORT int tl_repeat(Handle self_, const int64_t* sizes_, int64_t sizes_count, Handle* out) {
  return guard([&] { *out = wrap((*self_).repeat(ints(sizes_, sizes_count))); });
}
EXPORT int tl_repeat_interleave(Handle self_, Handle repeats_, NativeLong dim_, NativeLong output_size_, Handle* out) {
  return guard([&] { *out = wrap(at::repeat_interleave((*self_), (*repeats_), long_opt(dim_), long_opt(output_size_))); });
}
EXPORT int tl_repeat_interleave_2(Handle self_, int64_t repeats_, NativeLong dim_, NativeLong output_size_, Handle* out) {
  return guard([&] { *out = wrap(at::repeat_interleave((*self_), repeats_, long_opt(dim_), long_opt(output_size_))); });
}
EXPORT int tl_flip(Handle self_, const int64_t* dims_, int64_t dims_count, Handle* out) {
  return guard([&] { *out = wrap(at::flip((*self_), ints(dims_, dims_count))); });
}
EXPORT int tl_roll(Handle self_, int64_t shifts_, NativeLong dims_, Handle* out) {
  return guard([&] { *out = wrap(at::roll((*self_), shifts_, dim_list(long_opt(dims_)))); });
}
EXPORT int tl_roll_2(Handle self_, const int64_t* shifts_, int64_t shifts_count, Handle* out) {
  return guard([&] { *out = wrap(at::roll((*self_), ints(shifts_, shifts_count), {})); });
}
EXPORT int tl_roll_3(Handle self_, const int64_t* shifts_, int64_t shifts_count, const int64_t* dims_, int64_t dims_count, Handle* out) {
  return guard([&] { *out = wrap(at::roll((*self_), ints(shifts_, shifts_count), ints(dims_, dims_count))); });
}
EXPORT int tl_narrow(Handle self_, int64_t dim_, int64_t start_, int64_t length_, Handle* out) {
  return guard([&] { *out = wrap(at::narrow((*self_), dim_, start_, length_)); });
}
EXPORT int tl_select(Handle self_, int64_t dim_, int64_t index_, Handle* out) {
  return guard([&] { *out = wrap(at::select((*self_), dim_, index_)); });
}
EXPORT int tl_slice(Handle self_, int64_t dim_, int64_t start_, int64_t finish_, int64_t step_, Handle* out) {
  return guard([&] { *out = wrap(at::slice((*self_), dim_, start_, finish_, step_)); });
}
EXPORT int tl_unbind(Handle self_, int64_t dimension_, Handle** out, int64_t* count) {
  return guard([&] { wrap_list(at::unbind((*self_), dimension_), out, count); });
}
EXPORT int tl_chunk(Handle self_, int64_t chunks_, int64_t dim_, Handle** out, int64_t* count) {
  return guard([&] { wrap_list(at::chunk((*self_), chunks_, dim_), out, count); });
}
EXPORT int tl_split(Handle self_, int64_t size_, int64_t dim_, Handle** out, int64_t* count) {
  return guard([&] { wrap_list(at::split((*self_), size_, dim_), out, count); });
}
