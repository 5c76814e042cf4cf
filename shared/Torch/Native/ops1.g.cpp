// Generated from Ops/ops.txt; edit that.
#include "shim.h"

EXPORT int tl_abs(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::abs((*self_))); });
}
EXPORT int tl_abs_(Handle self_) {
  return guard([&] { (*self_).abs_(); });
}
EXPORT int tl_acos(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::acos((*self_))); });
}
EXPORT int tl_arccos(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::acos((*self_))); });
}
EXPORT int tl_asin(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::asin((*self_))); });
}
EXPORT int tl_atan(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::atan((*self_))); });
}
EXPORT int tl_atan2(Handle self_, Handle other_, Handle* out) {
  return guard([&] { *out = wrap(at::atan2((*self_), (*other_))); });
}
EXPORT int tl_ceil(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::ceil((*self_))); });
}
EXPORT int tl_ceil_(Handle self_) {
  return guard([&] { (*self_).ceil_(); });
}
EXPORT int tl_cos(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::cos((*self_))); });
}
EXPORT int tl_cos_(Handle self_) {
  return guard([&] { (*self_).cos_(); });
}
EXPORT int tl_cosh(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::cosh((*self_))); });
}
EXPORT int tl_erf(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::erf((*self_))); });
}
EXPORT int tl_erf_(Handle self_) {
  return guard([&] { (*self_).erf_(); });
}
EXPORT int tl_erfc(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::erfc((*self_))); });
}
EXPORT int tl_erfinv(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::erfinv((*self_))); });
}
EXPORT int tl_exp(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::exp((*self_))); });
}
EXPORT int tl_exp_(Handle self_) {
  return guard([&] { (*self_).exp_(); });
}
EXPORT int tl_expm1(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::expm1((*self_))); });
}
EXPORT int tl_floor(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::floor((*self_))); });
}
EXPORT int tl_floor_(Handle self_) {
  return guard([&] { (*self_).floor_(); });
}
EXPORT int tl_frac(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::frac((*self_))); });
}
EXPORT int tl_log(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::log((*self_))); });
}
EXPORT int tl_log_(Handle self_) {
  return guard([&] { (*self_).log_(); });
}
EXPORT int tl_log10(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::log10((*self_))); });
}
EXPORT int tl_log1p(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::log1p((*self_))); });
}
EXPORT int tl_log2(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::log2((*self_))); });
}
EXPORT int tl_neg(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::neg((*self_))); });
}
EXPORT int tl_neg_(Handle self_) {
  return guard([&] { (*self_).neg_(); });
}
EXPORT int tl_negative(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::negative((*self_))); });
}
EXPORT int tl_positive(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::positive((*self_))); });
}
EXPORT int tl_reciprocal(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::reciprocal((*self_))); });
}
EXPORT int tl_reciprocal_(Handle self_) {
  return guard([&] { (*self_).reciprocal_(); });
}
EXPORT int tl_relu(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::relu((*self_))); });
}
EXPORT int tl_relu_(Handle self_) {
  return guard([&] { at::relu_((*self_)); });
}
EXPORT int tl_round(Handle self_, int64_t decimals_, Handle* out) {
  return guard([&] { *out = wrap(at::round((*self_), decimals_)); });
}
EXPORT int tl_round_(Handle self_, int64_t decimals_) {
  return guard([&] { (*self_).round_(decimals_); });
}
EXPORT int tl_rsqrt(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::rsqrt((*self_))); });
}
EXPORT int tl_rsqrt_(Handle self_) {
  return guard([&] { (*self_).rsqrt_(); });
}
EXPORT int tl_sigmoid(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::sigmoid((*self_))); });
}
EXPORT int tl_sigmoid_(Handle self_) {
  return guard([&] { (*self_).sigmoid_(); });
}
EXPORT int tl_sign(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::sign((*self_))); });
}
EXPORT int tl_sign_(Handle self_) {
  return guard([&] { (*self_).sign_(); });
}
EXPORT int tl_silu(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::silu((*self_))); });
}
EXPORT int tl_silu_(Handle self_) {
  return guard([&] { at::silu_((*self_)); });
}
EXPORT int tl_sin(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::sin((*self_))); });
}
EXPORT int tl_sin_(Handle self_) {
  return guard([&] { (*self_).sin_(); });
}
EXPORT int tl_sinh(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::sinh((*self_))); });
}
EXPORT int tl_sqrt(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::sqrt((*self_))); });
}
EXPORT int tl_sqrt_(Handle self_) {
  return guard([&] { (*self_).sqrt_(); });
}
EXPORT int tl_square(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::square((*self_))); });
}
EXPORT int tl_tan(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::tan((*self_))); });
}
EXPORT int tl_tanh(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::tanh((*self_))); });
}
EXPORT int tl_tanh_(Handle self_) {
  return guard([&] { (*self_).tanh_(); });
}
EXPORT int tl_trunc(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::trunc((*self_))); });
}
EXPORT int tl_softplus(Handle self_, double beta_, double threshold_, Handle* out) {
  return guard([&] { *out = wrap(at::softplus((*self_), beta_, threshold_)); });
}
EXPORT int tl_log_sigmoid(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::log_sigmoid((*self_))); });
}
EXPORT int tl_lgamma(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::lgamma((*self_))); });
}
EXPORT int tl_digamma(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::digamma((*self_))); });
}
EXPORT int tl_isfinite(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::isfinite((*self_))); });
}
EXPORT int tl_isinf(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::isinf((*self_))); });
}
EXPORT int tl_isnan(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::isnan((*self_))); });
}
EXPORT int tl_logical_not(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::logical_not((*self_))); });
}
EXPORT int tl_logical_not_(Handle self_) {
  return guard([&] { (*self_).logical_not_(); });
}
EXPORT int tl_bitwise_not(Handle self_, Handle* out) {
  return guard([&] { *out = wrap(at::bitwise_not((*self_))); });
}
EXPORT int tl_add(Handle self_, Handle target_, Handle* out) {
  return guard([&] { *out = wrap(at::add((*self_), (*target_))); });
}
EXPORT int tl_add_2(Handle self_, Handle target_, NativeScalar alpha_, Handle* out) {
  return guard([&] { *out = wrap(at::add((*self_), (*target_), scalar(alpha_))); });
}
EXPORT int tl_add_3(Handle self_, NativeScalar scalar_, Handle* out) {
  return guard([&] { *out = wrap(at::add((*self_), scalar(scalar_))); });
}
EXPORT int tl_add_4(Handle self_, NativeScalar scalar_, NativeScalar alpha_, Handle* out) {
  return guard([&] { *out = wrap(at::add((*self_), scalar(scalar_), scalar(alpha_))); });
}
EXPORT int tl_add_(Handle self_, Handle target_) {
  return guard([&] { (*self_).add_((*target_)); });
}
EXPORT int tl_add__2(Handle self_, Handle target_, NativeScalar alpha_) {
  return guard([&] { (*self_).add_((*target_), scalar(alpha_)); });
}
EXPORT int tl_add__3(Handle self_, NativeScalar scalar_) {
  return guard([&] { (*self_).add_(scalar(scalar_)); });
}
EXPORT int tl_add__4(Handle self_, NativeScalar scalar_, NativeScalar alpha_) {
  return guard([&] { (*self_).add_(scalar(scalar_), scalar(alpha_)); });
}
EXPORT int tl_sub(Handle self_, Handle target_, Handle* out) {
  return guard([&] { *out = wrap(at::sub((*self_), (*target_))); });
}
EXPORT int tl_sub_2(Handle self_, NativeScalar target_, Handle* out) {
  return guard([&] { *out = wrap(at::sub((*self_), scalar(target_))); });
}
EXPORT int tl_sub_(Handle self_, Handle target_) {
  return guard([&] { (*self_).sub_((*target_)); });
}
EXPORT int tl_sub__2(Handle self_, NativeScalar target_) {
  return guard([&] { (*self_).sub_(scalar(target_)); });
}
EXPORT int tl_mul(Handle self_, Handle target_, Handle* out) {
  return guard([&] { *out = wrap(at::mul((*self_), (*target_))); });
}
EXPORT int tl_mul_2(Handle self_, NativeScalar target_, Handle* out) {
  return guard([&] { *out = wrap(at::mul((*self_), scalar(target_))); });
}
EXPORT int tl_mul_(Handle self_, Handle target_) {
  return guard([&] { (*self_).mul_((*target_)); });
}
EXPORT int tl_mul__2(Handle self_, NativeScalar target_) {
  return guard([&] { (*self_).mul_(scalar(target_)); });
}
EXPORT int tl_div(Handle self_, Handle target_, int64_t rounding_mode_, Handle* out) {
  return guard([&] { *out = wrap(divide((*self_), (*target_), rounding_mode_)); });
}
EXPORT int tl_div_2(Handle self_, NativeScalar target_, int64_t rounding_mode_, Handle* out) {
  return guard([&] { *out = wrap(divide((*self_), scalar(target_), rounding_mode_)); });
}
EXPORT int tl_div_(Handle self_, Handle target_, int64_t rounding_mode_) {
  return guard([&] { divide_((*self_), (*target_), rounding_mode_); });
}
EXPORT int tl_div__2(Handle self_, NativeScalar target_, int64_t rounding_mode_) {
  return guard([&] { divide_((*self_), scalar(target_), rounding_mode_); });
}
EXPORT int tl_pow(Handle self_, Handle exponent_, Handle* out) {
  return guard([&] { *out = wrap(at::pow((*self_), (*exponent_))); });
}
EXPORT int tl_pow_2(Handle self_, NativeScalar exponent_, Handle* out) {
  return guard([&] { *out = wrap(at::pow((*self_), scalar(exponent_))); });
}
EXPORT int tl_pow_(Handle self_, Handle exponent_) {
  return guard([&] { (*self_).pow_((*exponent_)); });
}
EXPORT int tl_pow__2(Handle self_, NativeScalar exponent_) {
  return guard([&] { (*self_).pow_(scalar(exponent_)); });
}
EXPORT int tl_remainder(Handle self_, Handle target_, Handle* out) {
  return guard([&] { *out = wrap(at::remainder((*self_), (*target_))); });
}
EXPORT int tl_remainder_2(Handle self_, NativeScalar scalar_, Handle* out) {
  return guard([&] { *out = wrap(at::remainder((*self_), scalar(scalar_))); });
}
EXPORT int tl_remainder_(Handle self_, Handle target_) {
  return guard([&] { (*self_).remainder_((*target_)); });
}
EXPORT int tl_remainder__2(Handle self_, NativeScalar scalar_) {
  return guard([&] { (*self_).remainder_(scalar(scalar_)); });
}
EXPORT int tl_fmod(Handle self_, Handle target_, Handle* out) {
  return guard([&] { *out = wrap(at::fmod((*self_), (*target_))); });
}
EXPORT int tl_fmod_2(Handle self_, NativeScalar scalar_, Handle* out) {
  return guard([&] { *out = wrap(at::fmod((*self_), scalar(scalar_))); });
}
EXPORT int tl_floor_divide(Handle self_, Handle other_, Handle* out) {
  return guard([&] { *out = wrap(at::floor_divide((*self_), (*other_))); });
}
EXPORT int tl_floor_divide_2(Handle self_, NativeScalar other_, Handle* out) {
  return guard([&] { *out = wrap(at::floor_divide((*self_), scalar(other_))); });
}
EXPORT int tl_maximum(Handle self_, Handle other_, Handle* out) {
  return guard([&] { *out = wrap(at::maximum((*self_), (*other_))); });
}
EXPORT int tl_minimum(Handle self_, Handle other_, Handle* out) {
  return guard([&] { *out = wrap(at::minimum((*self_), (*other_))); });
}
EXPORT int tl_fmax(Handle self_, Handle other_, Handle* out) {
  return guard([&] { *out = wrap(at::fmax((*self_), (*other_))); });
}
EXPORT int tl_fmin(Handle self_, Handle other_, Handle* out) {
  return guard([&] { *out = wrap(at::fmin((*self_), (*other_))); });
}
EXPORT int tl_eq(Handle self_, Handle target_, Handle* out) {
  return guard([&] { *out = wrap(at::eq((*self_), (*target_))); });
}
EXPORT int tl_eq_2(Handle self_, NativeScalar target_, Handle* out) {
  return guard([&] { *out = wrap(at::eq((*self_), scalar(target_))); });
}
EXPORT int tl_ne(Handle self_, Handle target_, Handle* out) {
  return guard([&] { *out = wrap(at::ne((*self_), (*target_))); });
}
EXPORT int tl_ne_2(Handle self_, NativeScalar target_, Handle* out) {
  return guard([&] { *out = wrap(at::ne((*self_), scalar(target_))); });
}
EXPORT int tl_lt(Handle self_, Handle target_, Handle* out) {
  return guard([&] { *out = wrap(at::lt((*self_), (*target_))); });
}
EXPORT int tl_lt_2(Handle self_, NativeScalar target_, Handle* out) {
  return guard([&] { *out = wrap(at::lt((*self_), scalar(target_))); });
}
EXPORT int tl_le(Handle self_, Handle target_, Handle* out) {
  return guard([&] { *out = wrap(at::le((*self_), (*target_))); });
}
EXPORT int tl_le_2(Handle self_, NativeScalar target_, Handle* out) {
  return guard([&] { *out = wrap(at::le((*self_), scalar(target_))); });
}
EXPORT int tl_gt(Handle self_, Handle target_, Handle* out) {
  return guard([&] { *out = wrap(at::gt((*self_), (*target_))); });
}
EXPORT int tl_gt_2(Handle self_, NativeScalar target_, Handle* out) {
  return guard([&] { *out = wrap(at::gt((*self_), scalar(target_))); });
}
EXPORT int tl_ge(Handle self_, Handle target_, Handle* out) {
  return guard([&] { *out = wrap(at::ge((*self_), (*target_))); });
}
EXPORT int tl_ge_2(Handle self_, NativeScalar target_, Handle* out) {
  return guard([&] { *out = wrap(at::ge((*self_), scalar(target_))); });
}
EXPORT int tl_eq_(Handle self_, Handle target_) {
  return guard([&] { (*self_).eq_((*target_)); });
}
EXPORT int tl_eq__2(Handle self_, NativeScalar target_) {
  return guard([&] { (*self_).eq_(scalar(target_)); });
}
EXPORT int tl_ne_(Handle self_, Handle target_) {
  return guard([&] { (*self_).ne_((*target_)); });
}
EXPORT int tl_ne__2(Handle self_, NativeScalar target_) {
  return guard([&] { (*self_).ne_(scalar(target_)); });
}
EXPORT int tl_lt_(Handle self_, Handle target_) {
  return guard([&] { (*self_).lt_((*target_)); });
}
EXPORT int tl_lt__2(Handle self_, NativeScalar target_) {
  return guard([&] { (*self_).lt_(scalar(target_)); });
}
EXPORT int tl_le_(Handle self_, Handle target_) {
  return guard([&] { (*self_).le_((*target_)); });
}
EXPORT int tl_le__2(Handle self_, NativeScalar target_) {
  return guard([&] { (*self_).le_(scalar(target_)); });
}
EXPORT int tl_gt_(Handle self_, Handle target_) {
  return guard([&] { (*self_).gt_((*target_)); });
}
EXPORT int tl_gt__2(Handle self_, NativeScalar target_) {
  return guard([&] { (*self_).gt_(scalar(target_)); });
}
EXPORT int tl_ge_(Handle self_, Handle target_) {
  return guard([&] { (*self_).ge_((*target_)); });
}
EXPORT int tl_ge__2(Handle self_, NativeScalar target_) {
  return guard([&] { (*self_).ge_(scalar(target_)); });
}
EXPORT int tl_logical_and(Handle self_, Handle other_, Handle* out) {
  return guard([&] { *out = wrap(at::logical_and((*self_), (*other_))); });
}
EXPORT int tl_logical_and_(Handle self_, Handle other_) {
  return guard([&] { (*self_).logical_and_((*other_)); });
}
EXPORT int tl_logical_or(Handle self_, Handle other_, Handle* out) {
  return guard([&] { *out = wrap(at::logical_or((*self_), (*other_))); });
}
EXPORT int tl_logical_or_(Handle self_, Handle other_) {
  return guard([&] { (*self_).logical_or_((*other_)); });
}
EXPORT int tl_logical_xor(Handle self_, Handle other_, Handle* out) {
  return guard([&] { *out = wrap(at::logical_xor((*self_), (*other_))); });
}
